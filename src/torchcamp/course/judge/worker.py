"""Run code of a learner in a child process, with torch loaded already and limits on everything.

    python -m torchcamp.course.judge.worker [SOCKET]

reads one request per line (JSON) and answers each with one line (JSON), on standard input and output
or, if the descriptor of a listening socket is given, one request per connection. It ends when
standard input does. It loads torch once and
forks for each request, so a verdict takes milliseconds and not the seconds of an import. The child
may loop, eat memory, print without end, exit or crash: the parent notices and says which.

This makes checking robust. It is no sandbox: an answer is the learner's own code on the learner's
own machine.

Request: {"job": name, "exercise": folder, "seed": n, "seconds": n} and what is to be run:
          for "check" {"file": path}, or {"source": text, "file": its name in messages};
          for "observe" and "failures" {"sources": {name: text}}; for "repair" {"source": text,
          "file": its name, "check": the one that fails}; for "disturbed" {"source": text,
          "words": the ways to try, all if empty}; for "tape" {"code": text}.
Answer: what `torchcamp.course.judge.checks` returned, or {"limit": which} or {"ended": how}.
"""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence

from torchcamp.base.lifeline import die_with_parent
from torchcamp.base.wire import JsonObject
from torchcamp.course.judge.limits import SECONDS

MEMORY_BYTES = 2 << 30  # beyond what torch takes by being loaded
OUTPUT_BYTES = 200_000  # that a child may print before it counts as a flood
RESULT_BYTES = 20 << 20
ASK_SECONDS = 10.0  # that whoever has connected may take to send a request, or to read the answer


def main() -> None:
    """Answer requests until standard input ends."""
    import torch

    # Loaded here, so that no child has to: the first step of any optimizer imports _dynamo, which
    # takes a second and a half, and checks use the rest.
    import torch._dynamo

    from torchcamp.course.judge import checks  # noqa: F401
    from torchcamp.models import cnn  # noqa: F401
    from torchcamp.reading import probes  # noqa: F401

    torch.set_num_threads(1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if len(sys.argv) > 1:
        die_with_parent(os.getppid())
        with socket.socket(fileno=int(sys.argv[1])) as listener:
            _listen(listener)
        return
    for line in sys.stdin:
        answer = run(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _listen(listener: socket.socket) -> None:
    """Answer one request per connection, one after the other, until standard input ends."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        # Whoever asked may have ended meanwhile, or only wanted us to be here.
        with connection, contextlib.suppress(OSError):
            connection.settimeout(ASK_SECONDS)
            with connection.makefile("r", encoding="utf-8") as asked:
                line = asked.readline()
            if line:
                answer = run(json.loads(line), not_for_the_child=(connection, listener))
                connection.sendall(json.dumps(answer).encode() + b"\n")


def run(request: JsonObject, not_for_the_child: Sequence[socket.socket] = ()) -> JsonObject:
    """Fork, work in the child, and watch it until it answers, ends or crosses a limit."""
    parent = os.getpid()
    seconds = request.get("seconds", SECONDS)
    result_read, result_write = os.pipe()
    output_read, output_write = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if child == 0:
            os.close(result_read)
            os.close(output_read)
            for each in not_for_the_child:  # else whoever asked would not hear of our end
                each.close()
            _be_the_child(request, folder, parent, result_write, output_write, seconds)
        os.close(result_write)
        os.close(output_write)
        try:
            return _watch(child, result_read, output_read, seconds)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)  # the child and all that it started
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)
            os.close(result_read)
            os.close(output_read)


def _watch(child: int, result_read: int, output_read: int, seconds: int) -> JsonObject:
    deadline = time.monotonic() + seconds
    result, printed = bytearray(), bytearray()
    flood = 0
    open_pipes = [result_read, output_read]
    while result_read in open_pipes:
        left = deadline - time.monotonic()
        if left <= 0:
            return {"limit": "time", "output": _text(printed)}
        ready, _, _ = select.select(open_pipes, [], [], left)
        for pipe in ready:
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                open_pipes.remove(pipe)
            elif pipe == result_read:
                result += chunk
                if len(result) > RESULT_BYTES:
                    return {"limit": "output", "output": _text(printed)}
            else:
                flood += len(chunk)
                printed += chunk[: 4000 - len(printed)] if len(printed) < 4000 else b""
                if flood > OUTPUT_BYTES:
                    return {"limit": "output", "output": _text(printed)}
    try:
        return json.loads(result) | {"output": _text(printed)}
    except ValueError:
        pass
    # No answer: it ended by itself. Asked briefly, since a grandchild may hold nothing back.
    for _ in range(100):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.01)
    else:
        return {"ended": "closed its pipes", "output": _text(printed)}
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGXCPU, signal.SIGALRM):
            return {"limit": "time", "output": _text(printed)}
        if number == signal.SIGKILL:
            return {"limit": "memory", "output": _text(printed)}
        return {"ended": f"crashed ({signal.Signals(number).name})", "output": _text(printed)}
    return {"ended": f"left with exit code {os.WEXITSTATUS(status)}", "output": _text(printed)}


def _be_the_child(
    request: JsonObject, folder: str, parent: int, result: int, output: int, seconds: int
) -> None:
    """Never returns."""
    try:
        os.setpgid(0, 0)
        die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8")
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (50 << 20, 50 << 20))
        if sys.platform == "linux":
            with open("/proc/self/statm", encoding="utf-8") as file:
                taken = int(file.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY_BYTES, taken + MEMORY_BYTES))
        from torchcamp.course.judge import checks

        answer = checks.JOBS[request["job"]](request)
        content = json.dumps(answer).encode()
        sys.stdout.flush()
        while content:
            content = content[os.write(result, content) :]
    except MemoryError:
        os.write(result, b'{"limit": "memory"}')
    except BaseException as error:
        with contextlib.suppress(BaseException):
            words = f"{type(error).__name__}: {error}"
            os.write(result, json.dumps({"broken": words[:2000]}).encode())
    finally:
        os._exit(0)


def _text(printed: bytearray) -> str:
    return printed.decode(errors="replace")


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # whoever started us has gone
        main()
