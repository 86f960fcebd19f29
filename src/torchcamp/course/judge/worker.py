"""Run code of a learner in a child process, with torch loaded already and limits on everything.

    python -P -m torchcamp.course.judge.worker PROTECTION [shared | LESSONS...]

has loaded torch once and forks for each request, so a verdict takes milliseconds and not the seconds
of an import. The child may loop, eat memory, print without end, exit or crash: the parent notices and
says which. What else is kept from it is in `isolation`, whose names PROTECTION takes; LESSONS are the folders
with solutions that are not ours.

Standard input is a socket on which each request arrives as another socket of its own (where the judge is
shared, a listening one, to which whoever asks connects): the request is read from it until its end, JSON, and the answer written to it: b"+" once the work begins, then JSON.
So no answer can be taken for that to another request, and no process but the one at work holds
anything of a request. A child can open none of these sockets: they are closed before its code runs, and
unlike pipes they cannot be opened through /proc.

Request: {"id": word, "job": name, "seconds": n} and what is to be run:
          for "check" {"exercise": folder, "checks": text, "starter": text, "file": name in messages,
          "source": text, "seed": n, "guarded": whether the answer may be somebody's who wants to deceive};
          for "explain" the same with {"check": the one that fails, "by_us", "solution": text};
          for "observe" {"exercise", "checks", "sources": {name: text}, "seed"};
          for "repair" {"exercise", "checks", "source": text, "file", "check", "right": {name: text}};
          for "agreeing" {"exercise", "checks", "check", "said": what it said, "sources"};
          for "disturbed" {"source": text, "words": the ways to try, all if empty}; for "tape" {"code": text}.
Answer: {"id": the same word}, and what `torchcamp.course.judge.checks` returned, or {"limit": which},
          {"ended": how} or {"broken": words}.
"""

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from torchcamp.base.lifeline import die_with_parent
from torchcamp.base.loading import without_collecting
from torchcamp.base.terminal import clean
from torchcamp.base.wire import JsonObject
from torchcamp.course.judge import isolation
from torchcamp.course.judge.limits import PATIENCE, SECONDS

MEMORY_BYTES = 2 << 30  # beyond what torch takes by being loaded
OUTPUT_BYTES = 200_000  # that a child may print before it counts as a flood
RESULT_BYTES = 20 << 20
KEPT_OUTPUT = 4000  # of what it prints
MOST_WORDS = 4000  # of one message of an answer's
ASK_SECONDS = 10.0  # that whoever asks may take to send a request, or to read the answer
REST = 0.05  # seconds between two looks at a child that says nothing
BEGUN = b"+"
MESSAGES = ("message", "meaning", "said", "unreadable", "broken", "error", "output")


def main(name: str, lessons: tuple[str, ...] = (), *, shared: bool = False) -> None:
    """Answer requests until the socket on standard input is closed, or the process that began this one.

    Args:
        lessons: folders that isolated answers may not read, beside those of our own lessons.
        shared: standard input is a listening socket.
    """
    if shared:
        die_with_parent(os.getppid())
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    # No other process of this user may look into this one or take its sockets; a child inherits it.
    isolation.prctl(isolation.PR_SET_DUMPABLE, 0)
    isolation.prctl(isolation.PR_SET_CHILD_SUBREAPER, 1)
    with without_collecting():
        import torch

        # Loaded here, so that no child has to: the first step of any optimizer imports _dynamo, which
        # takes a second, and checks use the rest.
        import torch._dynamo

        from torchcamp.course.judge import checks  # noqa: F401
        from torchcamp.models import cnn  # noqa: F401
        from torchcamp.reading import probes  # noqa: F401

    torch.set_num_threads(1)
    hidden = isolation.hidden_folders(lessons)
    if shared:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    else:
        control.send(BEGUN)
    while (channel := _next(control, shared=shared)) is not None:
        if name == isolation.LIMITS.name:
            _serve(channel, name, hidden)
            _end_descendants()
            continue
        # What is isolated is served by a process of its own: nothing of a request stays in this one,
        # where the next answer, which is a copy of it, could find it.
        server = os.fork()
        if server == 0:
            try:
                control.close()
                _serve(channel, name, hidden)
            except BaseException:
                traceback.print_exc()  # a bug of ours; whoever asks hears that the judge went down
            finally:
                os._exit(0)
        channel.close()
        os.waitpid(server, 0)
        if name == isolation.BUBBLEWRAP.name:
            _empty_the_sandbox()


def _next(control: socket.socket, *, shared: bool) -> socket.socket | None:
    """The socket of the next request; None when there will be none."""
    if shared:
        return control.accept()[0]
    _, sockets, _, _ = socket.recv_fds(control, 1, 1)
    return socket.socket(fileno=sockets[0]) if sockets else None


def _serve(channel: socket.socket, name: str, hidden: tuple[str, ...]) -> None:
    """Read one request, and answer it."""
    with channel, contextlib.suppress(ConnectionError, TimeoutError):  # whoever asked has gone
        channel.settimeout(ASK_SECONDS)
        content = bytearray()
        while chunk := channel.recv(1 << 16):
            content += chunk
        if content:  # else we were only to be here
            request = json.loads(content)
            channel.send(BEGUN)
            reply = _tidy(run(request, channel, name, hidden), MOST_WORDS + 100)
            reply |= {"id": request["id"]}
            channel.sendall(json.dumps(reply).encode())


def _tidy(reply: JsonObject, most: int) -> JsonObject:
    """`reply` with its words cleaned and cut after `most` characters: the door through which they leave.

    The child cuts, so that a reply stays small, and the parent once more: a child can be deceived.
    """
    cut = {key: clean(str(reply[key]), most) for key in MESSAGES if key in reply}
    return reply | cut


def run(
    request: JsonObject, channel: socket.socket, name: str, hidden: tuple[str, ...]
) -> JsonObject:
    """Fork, work in the child, and watch it until it answers, ends or crosses a limit."""
    seconds = request.get("seconds", SECONDS)
    apart = name == isolation.NAMESPACES.name
    taken = _taken()  # before /proc is another
    if apart:
        isolation.prctl(isolation.PR_SET_DUMPABLE, 1)  # as whoever writes its own uid_map must be
        try:
            isolation.enter(_beside(request), hidden)
        except OSError as error:
            return {"broken": f"the answer could not be isolated: {error}"}
    result_read, result_write = os.pipe()
    output_read, output_write = os.pipe()
    with contextlib.ExitStack() as stack:
        folder = "/tmp"
        if name == isolation.LIMITS.name:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="torchcamp-", ignore_cleanup_errors=True)
            )
        watch = _Watch(
            result=result_read, output=output_read, channel=channel, id=request["id"], apart=apart,
            end=time.monotonic() + seconds, seconds=seconds,
        )  # fmt: skip
        child = os.fork()
        if child == 0:
            _be_the_child(request, folder, result_write, output_write, name, taken)
        os.close(result_write)
        os.close(output_write)
        try:
            return watch.follow(child)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)  # the child and all that it started
            with contextlib.suppress(ProcessLookupError):
                os.kill(
                    child, signal.SIGKILL
                )  # apart: the first in its namespace, which ends with it
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)
            os.close(result_read)
            os.close(output_read)


def _beside(request: JsonObject) -> dict[str, str]:
    """The files that must lie beside the exercise's checks, where a request has an exercise."""
    if "checks" not in request:
        return {}
    return isolation.files_beside(Path(request["exercise"]), request["checks"])


def _taken() -> int:
    """Bytes of address space that torch takes; 0 where there is no such limit."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", encoding="utf-8") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


@dataclass(kw_only=True)
class _Watch:
    """What a parent sees of a child that runs an answer."""

    result: int
    output: int
    channel: socket.socket
    id: str
    apart: bool
    end: float
    seconds: float
    received: bytearray = field(default_factory=bytearray)
    printed: bytearray = field(default_factory=bytearray)
    flood: int = 0

    def follow(self, child: int) -> JsonObject:
        """Watch until the child has answered, ended or crossed a limit."""
        found = self._until_answer(child)
        return found | {"output": bytes(self.printed).decode(errors="replace")}

    def _until_answer(self, child: int) -> JsonObject:
        open_pipes = [self.result, self.output]
        gone = select.poll()
        gone.register(self.channel, 0)  # tells only that whoever asked has gone
        status = usage = None
        while True:
            left = self.end - time.monotonic()
            if left <= 0:
                late = left <= (1 - PATIENCE) * self.seconds
                if late or status is not None or not _wants_the_processor(child):
                    return {"limit": "time"}
                left = REST  # it is others who keep it from ending; its own time is limited, too
            if gone.poll(0):
                return {"ended": "was no longer asked for"}
            ready, _, _ = select.select(
                open_pipes, [], [], 0 if status is not None else min(left, REST)
            )
            for pipe in ready:
                chunk = os.read(pipe, 1 << 16)
                if not chunk:
                    open_pipes.remove(pipe)
                elif self._is_flooded(pipe, chunk):
                    return {"limit": "output"}
            if (reply := self._reply()) is not None:
                return reply
            if status is not None:
                if not ready:  # and nothing is left in the pipes
                    return self._how_it_ended(status, usage)
                continue
            done, found, used = os.wait4(child, os.WNOHANG)
            if done:
                status, usage = found, used
            elif limit := self._limit_of_all():
                return {"limit": limit}

    def _is_flooded(self, pipe: int, chunk: bytes) -> bool:
        """Keep what came; whether it is too much."""
        if pipe == self.result:
            self.received += chunk
            return len(self.received) > RESULT_BYTES
        self.flood += len(chunk)
        self.printed += chunk[: KEPT_OUTPUT - len(self.printed)]
        return self.flood > OUTPUT_BYTES

    def _reply(self) -> JsonObject | None:
        """The child's answer, once it is complete; anything else that was written there is none."""
        head, newline, _ = bytes(self.received[:100]).partition(b"\n")
        begin = len(head) + 1
        if not newline and len(self.received) < 100:
            return None
        expected, _, length = head.partition(b" ")
        if expected != self.id.encode() or not length.isdigit():
            return {"ended": "wrote where only the judge writes"}
        if len(self.received) < begin + int(length):
            return None
        try:
            reply = json.loads(self.received[begin : begin + int(length)])
        except (ValueError, RecursionError):
            return {"ended": "wrote where only the judge writes"}
        return reply if isinstance(reply, dict) else {"ended": "gave no answer"}

    def _limit_of_all(self) -> str | None:
        """The limit that all processes of an answer cross together, where they can be counted."""
        if not self.apart:
            return None
        found = isolation.processes()
        if len(found) > isolation.MOST_PROCESSES:
            return "processes"
        if len(found) > 1 and sum(map(_memory, found)) > 2 * MEMORY_BYTES:
            return "memory"
        return None

    def _how_it_ended(self, status: int, usage: Any) -> JsonObject:
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            used = usage.ru_utime + usage.ru_stime
            if number in (signal.SIGXCPU, signal.SIGALRM):
                return {"limit": "time"}
            if number == signal.SIGKILL:
                return {"limit": "time" if used >= self.seconds else "memory"}
            return {"ended": f"crashed ({signal.Signals(number).name})"}
        return {"ended": f"left with exit code {os.WEXITSTATUS(status)}"}


def _wants_the_processor(process: int) -> bool:
    """Whether a process has something to do and does not wait; False where that cannot be seen."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        return text.rpartition(") ")[2][:1] in ("R", "D")
    return False


def _memory(process: int) -> int:
    """Bytes that a process takes, its part of what it shares."""
    with contextlib.suppress(OSError, ValueError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
        return 1024 * int(text.partition("\nPss:")[2].split()[0])
    return 0


def _be_the_child(
    request: JsonObject, folder: str, result: int, output: int, name: str, taken: int
) -> NoReturn:
    """Run the request and write the answer, as `_Watch` reads it."""
    begin, dumps = f"{request['id']} ".encode(), json.dumps
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        result, output = os.dup(result), os.dup(output)
        for number, fd in enumerate((null, output, output)):
            os.dup2(fd, number)
        os.dup2(result, 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        result = 3
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        isolation.prctl(isolation.PR_SET_DUMPABLE, 1)
        if name == isolation.NAMESPACES.name:
            isolation.close_behind()
        sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
        sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
        os.chdir(folder)
        tempfile.tempdir = folder
        seconds = request.get("seconds", SECONDS)
        limits = {
            resource.RLIMIT_CPU: (seconds, seconds + 1),
            resource.RLIMIT_CORE: (0, 0),
            resource.RLIMIT_FSIZE: (50 << 20, 50 << 20),
        }
        if taken:
            limits[resource.RLIMIT_AS] = (taken + MEMORY_BYTES, taken + MEMORY_BYTES)
        if name != isolation.LIMITS.name:
            limits[resource.RLIMIT_NOFILE] = (isolation.MOST_OPEN, isolation.MOST_OPEN)
            if _counts_in_namespaces():
                most = 2 * isolation.MOST_PROCESSES  # threads are counted as well
                limits[resource.RLIMIT_NPROC] = (most, most)
        for limit, values in limits.items():
            resource.setrlimit(limit, values)
        if name != isolation.LIMITS.name:
            isolation.give_up_rights()
        isolation.prctl(isolation.PR_SET_PDEATHSIG, signal.SIGKILL)
        from torchcamp.course.judge import checks

        reply = _tidy(checks.JOBS[request["job"]](request), MOST_WORDS)
        answer = dumps(reply).encode()
        with contextlib.suppress(BaseException):  # an answer may have closed or replaced it
            sys.stdout.flush()
    except MemoryError:
        answer = b'{"limit": "memory"}'
    except BaseException as error:
        answer = dumps({"broken": _words(error)}).encode()
    with contextlib.suppress(BaseException):
        content = begin + b"%d\n" % len(answer) + answer
        while content:
            content = content[os.write(result, content) :]
    os._exit(0)


def _words(error: BaseException) -> str:
    from torchcamp.base.errors import first_line

    return clean(first_line(error), MOST_WORDS)


def _counts_in_namespaces() -> bool:
    """Whether the kernel counts processes by user namespace: not all that the user has."""
    release = os.uname().release.split(".")
    return sys.platform == "linux" and tuple(map(int, release[:2])) >= (5, 14)


def _end_descendants() -> None:
    """End what an answer has left behind: whoever loses its parent becomes a child of this process."""
    with contextlib.suppress(OSError):
        for _ in range(1000):
            children = _children()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            for child in children:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child, 0)
            if not children:
                return


def _children() -> list[int]:
    """The processes whose parent this one is; none where the system does not tell."""
    found: list[int] = []
    for thread in Path("/proc/self/task").glob("*/children"):
        found += map(int, thread.read_text(encoding="utf-8").split())
    return found


def _empty_the_sandbox() -> None:
    """Inside of bubblewrap this is the first process: nobody can stop it, and it can end all others.

    If something withstands, this process ends, and all with it.
    """
    if os.getpid() != 1:  # outside, this would end all programs of the user's and empty their /tmp
        raise RuntimeError("the worker was told that it is in bubblewrap, and is not")
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    left = False
    for path in (each for place in ("/tmp", "/dev/shm") for each in Path(place).iterdir()):
        if any(shown.startswith(f"{path}/") for shown in isolation.visible_paths()):
            left = True  # Python lies in there, so that it cannot be removed
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        left = left or os.path.lexists(path)
    if left:
        os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # whoever started us has gone
        shared = sys.argv[2:] == ["shared"]
        main(sys.argv[1], () if shared else tuple(sys.argv[2:]), shared=shared)
