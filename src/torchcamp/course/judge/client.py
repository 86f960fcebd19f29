"""From an answer to a verdict: what came back, what was expected, and why.

`Judge` keeps one process with torch loaded (see `worker`), so that a verdict takes a fraction of a
second. The first failing check gives the evidence; if the answer observes like a known
misconception, that one's feedback says why. If not, it may behave like our solution with one thing
changed (see `behaviour`), or one small edit may make it right, which shows the line to look at.

`Judge(isolated=True)` is for answers of other people: they run as apart as this machine allows (see
`isolation`, and `Judge.protection`), and what passes is confirmed. The verdict on an answer is made in the
answer's own process, where code that was written to do so can forge it. So the answer is also observed on
a secret draw, and the observation compared here with those of our right answers: to forge that, one has
to solve the exercise.
"""

import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torchcamp.base.errors import UserError
from torchcamp.base.files import regular_text
from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Exercise, lesson_folders
from torchcamp.course.judge import isolation, worker
from torchcamp.course.judge.behaviour import (
    behaves_like,
    shows_only_an_error,
)
from torchcamp.course.judge.behaviour import (
    sources as sources_of,
)
from torchcamp.course.judge.equality import alike
from torchcamp.course.judge.isolation import LIMITS as ONLY_LIMITS
from torchcamp.course.judge.isolation import Protection
from torchcamp.course.judge.limits import PATIENCE, SECONDS
from torchcamp.course.judge.starter import may_end_without_return
from torchcamp.course.settings import language
from torchcamp.course.translation import Phrasebook, phrasebook, translated_feedback

SOCKET = "TORCHCAMP_JUDGE"  # environment variable of a kernel: the socket of its server's judge
SEED = 0  # of the draw on which a failing answer is compared with the misconceptions
START = 120.0  # seconds in which a worker must have loaded torch
GRACE = 10.0  # seconds beyond an answer's limit in which its worker must say something
MOST_DEPTH = 40  # of an observation
UNCONFIRMED = (
    "It was not confirmed: on a secret draw it does not return what our right answers return. A right "
    "answer of an unusual kind may do that; so does one that deceives the checks. Read it."
)

LIMITS = {
    "time": (
        "Your answer did not end within {seconds} seconds and was stopped. Look for "
        "a loop whose condition never becomes false, or for work that grows with every step."
    ),
    "memory": (
        f"Your answer asked for more than {worker.MEMORY_BYTES >> 30} GB of memory and was stopped. "
        "Look for a tensor that grows in a loop, or for a broadcast of two large shapes."
    ),
    "output": (
        f"Your answer printed more than {worker.OUTPUT_BYTES:,} characters and was stopped. Look for "
        "a print inside a loop that does not end."
    ),
    "processes": (
        f"Your answer started more than {isolation.MOST_PROCESSES} processes and was stopped. Look for a "
        "process that is started inside a loop."
    ),
}


def limit_words(limit: str, seconds: int = SECONDS) -> str:
    """What is said to whoever's code crossed `limit`: `time`, `memory`, `output` or `processes`."""
    return LIMITS[limit].format(seconds=seconds)


def praise(exercise: Exercise) -> str:
    """What is said of an answer that passes, in English."""
    where = f" Where torchcamp itself needs it: `torchcamp/{exercise.reference}`."
    return f"All checks pass.{where if exercise.reference else ''}"


def behaves_as_if(like: str) -> str:
    """The sentence that says so, in English."""
    return f"Your answer behaves as if {like}."


def _look_at(line: int, source: str) -> str:
    code = source.splitlines()[line - 1].strip()
    return f"Look at line {line}, `{code}`: a small change there makes every check pass."


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of an answer.

    verdict: `pass`, `fail`, `error` (it could not be run) or `limit`.
    check: the first check that failed. misconception: the known wrong answer that observes alike.
    behaves_like: where none does, what follows "behaves as if". line: where one small edit of the
    answer makes every check pass. limit: `time`, `memory`, `output` or `processes`. message: for the
    learner, in Markdown. confirmed: of a pass under isolation, whether a secret draw confirms it; None
    where the exercise returns the same on every draw, so that anybody can know it.
    """

    exercise: str
    verdict: str
    check: str | None = None
    misconception: str | None = None
    behaves_like: str | None = None
    line: int | None = None
    limit: str | None = None
    message: str = ""
    confirmed: bool | None = None

    @property
    def passed(self) -> bool:
        return self.verdict == "pass"

    def as_json(self) -> JsonObject:
        found = asdict(self)
        if self.confirmed is None:  # nobody asked, or nobody can say
            del found["confirmed"]
        return found


class Judge:
    """A process that runs answers; started when first needed, ended by `close`."""

    def __init__(self, *, isolated: bool = False, shared: str | None = None) -> None:
        """Args:
        isolated: the answers are other people's. Each runs as apart as this machine allows, and what
            passes is confirmed, which takes longer.
        shared: the Unix socket of a judge that others ask too, and whose process is not ours. If it
            does not exist any more, we start our own.
        """
        self._isolated = isolated
        self._shared = shared
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._lock = threading.Lock()
        self._known: dict[Path, JsonObject] = {}
        self._draws: dict[Path, tuple[int, list[Any], bool]] = {}

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def protection(self) -> Protection:
        """What keeps answers apart here, and what does not."""
        return isolation.protection() if self._isolated else ONLY_LIMITS

    def warm(self) -> None:
        """Start the process now, so that the first verdict need not wait for torch.

        Raises:
            UserError: it does not start.
        """
        with self._lock:
            connection = self._connected()
            if connection is None:
                self._start()
            else:
                connection.close()  # having been asked for is enough

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def ask(self, **request: Any) -> JsonObject:
        """One request, one answer.

        A worker that was found broken is replaced and asked once more. One that gets lost over this
        request is replaced, and the answer says how: {"limit": "time"} or {"ended": ...}.

        Raises:
            UserError: no worker starts.
        """
        with self._lock:
            for _ in range(2):
                reply = self._asked(request)
                if reply is not None:
                    return reply
            return {"ended": "took the judge down with it"}

    def _asked(self, request: JsonObject) -> JsonObject | None:
        """What the worker answers; None if it did not even begin."""
        word = secrets.token_hex(16)
        content = json.dumps(request | {"id": word}).encode()
        seconds = request.get("seconds", SECONDS)
        ours = self._connected()
        begin = START  # a shared judge may have to begin first, or be at somebody else's answer
        if ours is None:
            ours, begin = self._handed_over(), GRACE
        with ours:
            try:
                reply = _exchange(ours, content, begin=begin, answer=PATIENCE * seconds + GRACE)
                if reply is not None and reply.pop("id", None) == word:
                    return reply
                lost = None  # it did not begin, or this belongs to another request
            except _Late:
                lost = {"limit": "time"}
            except _Lost:
                lost = {"ended": "took the judge down with it"}
            except OSError:
                lost = None
        self._end()
        return lost

    def run_lines(self, code: str) -> JsonObject:
        """What `code` puts on the tape (see `figures.autograd_graph`), or `{"error": why not}`."""
        reply = self.ask(job="tape", code=code)
        if "limit" in reply:
            return {"error": limit_words(reply["limit"]).replace("Your answer", "Your code")}
        if "ended" in reply:
            return {"error": f"The process that ran your code {reply['ended']}."}
        return {"error": reply["broken"]} if "broken" in reply else reply

    def verdict(self, exercise: Exercise, file: Path, code: str | None = None) -> Verdict:
        """Check the answer in `file`; its message is in the language `code`, else in the one in use.

        Raises:
            OSError: it cannot be read.
        """
        try:
            source = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            message = f"Python cannot read the file: it is not UTF-8 text ({error})."
            return Verdict(exercise=exercise.name, verdict="error", message=message)
        name = str(file if file.is_fifo() else file.resolve())
        return self.verdict_of(exercise, source, name, code)

    # Longer than 60 lines: every way in which a check can end, in order.
    def verdict_of(
        self, exercise: Exercise, source: str, file: str, code: str | None = None
    ) -> Verdict:
        """Check an answer that is in no file; `file` is its name in messages.

        Raises:
            UserError: the judge's process does not start.
        """
        draw = self._draw(exercise)[0] if self._isolated else SEED
        answer = self._about(
            exercise, "check", source=source, file=file, starter=exercise.starter,
            guarded=self._isolated, draw=draw,
        )  # fmt: skip
        if not _is_understood(answer):
            answer = {"ended": "gave no answer that the judge understands"}
        code = code or language()
        phrases = phrasebook(exercise.folder, code)
        if not_judged := _not_judged(exercise, answer, phrases):
            return not_judged
        if answer["passed"]:
            message = phrases.or_english(praise(exercise))
            confirmed = self._is_confirmed(exercise, answer) if self._isolated else None
            if confirmed is False:
                message = f"{message}\n\n{UNCONFIRMED}"
            return Verdict(
                exercise=exercise.name, verdict="pass", message=message, confirmed=confirmed
            )
        if answer["check"] and not answer["todo"]:
            answer |= self._explained(exercise, answer, source, file)
        misconception = None
        # Everybody who forgot a `return` observes alike and hears the same, whatever else is wrong.
        if not answer["todo"] and not answer["none"]:
            misconception = self._like(exercise, answer)
        # What an error means in general is told to those of whom nothing nearer is known.
        meaning = "" if misconception else answer.get("meaning", "")
        message = phrases.or_english(f"{answer['message']} {meaning}".rstrip())
        like, line = None, None
        if misconception:
            feedback = next(m for m in exercise.misconceptions if m.name == misconception).feedback
            feedback = translated_feedback(exercise.folder, code).get(misconception) or feedback
            message = f"{message}\n\n{feedback}"
        elif answer["check"] and not answer["todo"] and not answer["none"]:
            like = behaves_like(exercise.folder, answer["observation"], source)
            if like:
                said = phrases.or_english(behaves_as_if(like))
                message = f"{message}\n\n{said}"
            line = self._line_to_look_at(exercise, answer["check"], source, file)
            if line:
                said = phrases.or_english(_look_at(line, source))
                message = f"{message}\n\n{said}"
        return Verdict(
            exercise=exercise.name,
            verdict="fail",
            check=answer["check"],
            misconception=misconception,
            behaves_like=like,
            line=line,
            message=message,
        )

    def _about(self, exercise: Exercise, job: str, seconds: int = 0, **request: Any) -> JsonObject:
        """Ask about an exercise; by default as long as its check may take."""
        return self.ask(
            job=job,
            exercise=str(exercise.folder),
            checks=exercise.checks,
            seed=SEED,
            seconds=seconds or exercise.seconds,
            **request,
        )

    def _draw(self, exercise: Exercise) -> tuple[int, list[Any], bool]:
        """A seed that nobody can know, what our right answers return on its draw, whether draws differ."""
        if exercise.folder not in self._draws:
            seed, other = secrets.randbelow(1 << 31), secrets.randbelow(1 << 31)
            ours = {"solution.py": exercise.solution}
            sources = ours | {p.name: regular_text(p) for p in exercise.accepted}
            # One that cannot run in isolation, as it looks for its own file, does not spoil the others.
            found = self.observations(exercise, sources, seed=seed, seconds_each=exercise.seconds)
            again = self.observations(exercise, ours, seed=other, seconds_each=exercise.seconds)
            differ = not alike(found["solution.py"], again["solution.py"])
            right = [each for each in found.values() if each is not None]
            self._draws[exercise.folder] = seed, right, differ
        return self._draws[exercise.folder]

    def _is_confirmed(self, exercise: Exercise, answer: JsonObject) -> bool | None:
        """Whether a pass returns on the secret draw what a right answer does; None if all draws are the same."""
        _, right, differ = self._draw(exercise)
        if not any(alike(answer["observation"], each) for each in right):
            return False
        return True if differ else None

    def _explained(
        self, exercise: Exercise, answer: JsonObject, source: str, file: str
    ) -> JsonObject:
        """What a second run of the check that failed adds to its words; see `checks.explain`.

        It has nothing to add, and is spared, where the words are the check's own and every function
        returns something.
        """
        if not answer["by_us"] and not may_end_without_return(source):
            return {"none": False}
        found = self._about(
            exercise, "explain", source=source, file=file, solution=exercise.solution,
            check=answer["check"], by_us=answer["by_us"],
        )  # fmt: skip
        words = found.get("message")
        return {"none": found.get("none") is True} | (
            {"message": words, "meaning": ""} if isinstance(words, str) else {}
        )

    def _line_to_look_at(
        self, exercise: Exercise, check: str, source: str, file: str
    ) -> int | None:
        """Where one small edit makes the answer right; None if none was found in time."""
        right = {path.name: regular_text(path) for path in sources_of(exercise.folder)}
        found = self._about(
            exercise, "repair", check=check, source=source, file=file, right=right,
            seconds=exercise.seconds * (2 + len(right)),
        )  # fmt: skip
        line = found.get("line")
        lines = len(source.splitlines())
        return line if isinstance(line, int) and 1 <= line <= lines else None

    def observations(
        self,
        exercise: Exercise,
        sources: dict[str, str],
        seed: int = SEED,
        seconds_each: float | None = None,
    ) -> JsonObject:
        """What answers of ours give on the probes of one draw.

        Args:
            sources: the text of each answer, by the name of its file.
            seconds_each: after which an answer that goes on is given up: its observation is None.

        Returns:
            An observation for each name; None for all where one could not be run.
        """
        answer = self.ask(
            job="observe",
            exercise=str(exercise.folder),
            checks=exercise.checks,
            sources=sources,
            seed=seed,
            # These are ours: the limit only ends a mutant's endless loop.
            seconds=exercise.seconds * (1 + len(sources)),
            seconds_each=seconds_each,
        )
        return answer.get("observations", dict.fromkeys(sources))

    def passing_disturbances(self, exercise: Exercise, words: Iterable[str] = ()) -> list[str]:
        """In which ways our solution may be disturbed (see `disturb`) without any check that fails.

        Of those in `words`, or of all where that is empty.
        """
        answer = self._about(
            exercise, "disturbed", source=exercise.solution, words=list(words),
            seconds=10 * exercise.seconds,
        )  # fmt: skip
        return answer.get("passes", [])

    def _like(self, exercise: Exercise, answer: JsonObject) -> str | None:
        """The misconception that gives the same on the same probes.

        Many mistakes end in an error. Where the probes show nothing else, the check that failed must
        say the same, too.
        """
        wrong = exercise.misconceptions
        if exercise.folder not in self._known:
            sources = {name: source for m in wrong for name, source in m.sources.items()}
            self._known[exercise.folder] = self.observations(exercise, sources)
        known, observation = self._known[exercise.folder], answer["observation"]
        found = [m for m in wrong if any(alike(observation, known[name]) for name in m.sources)]
        if found and shows_only_an_error(observation):
            sources = {name: text for m in found for name, text in m.sources.items()}
            heard = self._about(
                exercise, "agreeing", check=answer["check"], said=answer["said"], sources=sources,
                seconds=exercise.seconds * (1 + len(sources)),
            )  # fmt: skip
            agreeing = heard.get("agreeing")
            names = agreeing if isinstance(agreeing, list) else []
            found = [m for m in found if any(name in names for name in m.sources)]
        return found[0].name if found else None

    def _connected(self) -> socket.socket | None:
        """A connection to the shared judge; None if there is none."""
        if self._shared is None:
            return None
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._shared)
        except OSError:  # its server has ended
            connection.close()
            self._shared = None
            return None
        return connection

    def _handed_over(self) -> socket.socket:
        """A connection to our own worker, which is started where there is none."""
        control = self._start()
        ours, theirs = socket.socketpair()
        with theirs, suppress(OSError):  # a worker that has died is found when nothing comes back
            socket.send_fds(control, [b" "], [theirs.fileno()])
        return ours

    def _start(self) -> socket.socket:
        """The worker's socket; the worker is started where there is none.

        Raises:
            UserError: it does not start.
        """
        if self._process is not None and self._process.poll() is not None:
            self._end()  # it died
        if self._control is None:
            name = self.protection.name
            lessons = tuple(map(str, lesson_folders())) if self._isolated else ()
            command = [sys.executable, "-P", "-m", worker.__name__, name, *lessons]
            if name == isolation.BUBBLEWRAP.name:
                command = isolation.bubblewrap(
                    command,
                    isolation.scripts_beside_checks(lessons),
                    isolation.hidden_folders(lessons),
                )
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd=tempfile.gettempdir(),  # the caller's folder may be gone before torch is loaded
                    env=isolation.environment() if self._isolated else None,
                )
            self._control.settimeout(START)
            ready = b""
            with suppress(OSError):
                ready = self._control.recv(1)
            if ready != worker.BEGUN:
                self._end()
                raise UserError(
                    f"the process that checks answers did not start within {START:g} seconds; try "
                    "`python -c 'import torch, torchcamp'` to see why"
                )
        return self._control

    def _end(self) -> None:
        """End the worker, also one that does not listen."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


def _not_judged(exercise: Exercise, answer: JsonObject, phrases: Phrasebook) -> Verdict | None:
    """The verdict on an answer of which no check has said anything; None of any other."""
    if "limit" in answer:
        limit = answer["limit"]
        message = phrases.or_english(limit_words(limit, exercise.seconds))
        return Verdict(exercise=exercise.name, verdict="limit", limit=limit, message=message)
    if "ended" in answer:
        message = (
            f"The process that ran your answer {answer['ended']}. Look for `os._exit`, or for "
            "code outside of Python's care."
        )
    elif "broken" in answer:
        message = f"The check itself failed ({answer['broken']}): that is our bug, not yours."
    elif "unreadable" in answer:
        message = phrases.or_english(answer["unreadable"])
    else:
        return None
    return Verdict(exercise=exercise.name, verdict="error", message=message)


class _Lost(Exception):
    """A worker that had begun, and sent something else than an answer."""


class _Late(_Lost):
    """A worker that had begun, and did not answer in time."""


def _exchange(
    channel: socket.socket, content: bytes, *, begin: float, answer: float
) -> JsonObject | None:
    """Send a request and read what comes back.

    Args:
        begin: seconds in which the worker must have begun with it.
        answer: seconds in which it must then have answered.

    Returns:
        None if it did not begin.

    Raises:
        _Late: it has begun, and did not answer in time.
        _Lost: it has begun, and something else than an answer came.
        OSError: the connection broke before it began.
    """
    end = time.monotonic() + begin
    channel.settimeout(begin)
    channel.sendall(content)
    channel.shutdown(socket.SHUT_WR)
    received = bytearray()
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([channel], [], [], left)[0]:
            if received:
                raise _Late
            return None
        chunk = channel.recv(1 << 16)
        if not chunk:
            break
        if not received:
            end = time.monotonic() + answer
        received += chunk
        if len(received) > 2 * worker.RESULT_BYTES:
            break
    if not received:
        return None
    try:
        reply = json.loads(received.removeprefix(worker.BEGUN))
    except (ValueError, RecursionError) as error:
        raise _Lost from error
    if not isinstance(reply, dict):
        raise _Lost
    return reply


def _is_understood(answer: JsonObject) -> bool:
    """Whether the answer to "check" has its form: an answer that forges it may send anything."""
    if answer.keys() & {"limit", "ended", "broken", "unreadable"}:
        known = ("limit", "ended", "broken", "unreadable")
        words = [answer[key] for key in known if key in answer]
        return (
            all(isinstance(each, str) for each in words) and answer.get("limit", "time") in LIMITS
        )
    if answer.get("passed") is True:
        return _is_flat(answer.get("observation"))
    texts = [answer.get("message"), answer.get("meaning", ""), answer.get("said", "")]
    return (
        answer.get("passed") is False
        and all(isinstance(text, str) for text in texts)
        and isinstance(answer.get("todo"), bool)
        and (
            answer.get("check", 0) is None
            or (
                isinstance(answer.get("check"), str)
                and isinstance(answer.get("said"), str)
                and isinstance(answer.get("by_us"), bool)
                and _is_flat(answer.get("observation"))
            )
        )
    )


def _is_flat(value: Any) -> bool:
    """Whether a value read from JSON is nested less than `MOST_DEPTH` deep."""
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [
            item
            for each in level
            if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return True
    return False
