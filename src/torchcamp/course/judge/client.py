"""From an answer to a verdict: what came back, what was expected, and why.

`Judge` keeps one process with torch loaded (see `worker`), so that a verdict takes a fraction of a
second. The first failing check gives the evidence; if the answer observes like a known
misconception, that one's feedback says why. If not, it may behave like our solution with one thing
changed (see `behaviour`), or one small edit may make it right, which shows the line to look at.
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Exercise
from torchcamp.course.judge import worker
from torchcamp.course.judge.behaviour import behaves_like
from torchcamp.course.judge.limits import SECONDS
from torchcamp.course.settings import language
from torchcamp.course.translation import phrasebook, translated_feedback

SEED = 0  # of the draw on which a failing answer is compared with the misconceptions

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
}


def limit_words(limit: str, seconds: int = SECONDS) -> str:
    """What is said to whoever's code crossed `limit`: `time`, `memory` or `output`."""
    return LIMITS[limit].format(seconds=seconds)


def _source_of(submission: dict[str, str]) -> str:
    """The text of an answer, which a request holds itself or by the name of its file."""
    return submission.get("source") or Path(submission["file"]).read_text(encoding="utf-8")


def praise(exercise: Exercise) -> str:
    """What is said of an answer that passes, in English."""
    where = f" Where torchcamp itself needs it: `torchcamp/{exercise.reference}`."
    return f"All checks pass.{where if exercise.reference else ''}"


def behaves_as_if(like: str) -> str:
    """The sentence that says so, in English."""
    return f"Your answer behaves as if {like}."


def _look_at(line: int, submission: dict[str, str]) -> str:
    code = _source_of(submission).splitlines()[line - 1].strip()
    return f"Look at line {line}, `{code}`: a small change there makes every check pass."


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of an answer.

    verdict: `pass`, `fail`, `error` (it could not be run) or `limit`.
    check: the first check that failed. misconception: the known wrong answer that observes alike.
    behaves_like: where none does, what follows "behaves as if". line: where one small edit of the
    answer makes every check pass. limit: `time`, `memory` or `output`. message: for the learner, in Markdown.
    """

    exercise: str
    verdict: str
    check: str | None = None
    misconception: str | None = None
    behaves_like: str | None = None
    line: int | None = None
    limit: str | None = None
    message: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict == "pass"

    def as_json(self) -> JsonObject:
        return asdict(self)


class Judge:
    """A process that runs answers; started when first needed, ended by `close`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._known: dict[Path, JsonObject] = {}

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the process now, so that the first verdict need not wait for torch."""
        with self._lock:
            self._start()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def ask(self, **request: Any) -> JsonObject:
        """One request, one answer; a judge that died is started again."""
        with self._lock:
            process = self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except BrokenPipeError:
                line = ""
            if not line:
                self._end()
                return {"ended": "took the judge down with it"}
            return json.loads(line)

    def run_lines(self, code: str) -> JsonObject:
        """What `code` puts on the tape (see `figures.autograd_graph`), or `{"error": why not}`."""
        reply = self.ask(job="tape", code=code)
        if "limit" in reply:
            return {"error": limit_words(reply["limit"]).replace("Your answer", "Your code")}
        if "ended" in reply:
            return {"error": f"The process that ran your code {reply['ended']}."}
        return {"error": reply["broken"]} if "broken" in reply else reply

    def verdict(self, exercise: Exercise, file: Path, code: str | None = None) -> Verdict:
        """Check the answer in `file`; its message is in the language `code`, else in the one in use."""
        if file.is_fifo():  # `--file <(command)`: the judge's process cannot open it
            return self.verdict_of(exercise, file.read_text(encoding="utf-8"), str(file), code)
        return self._verdict(exercise, code or language(), file=str(file.resolve()))

    def verdict_of(
        self, exercise: Exercise, source: str, file: str, code: str | None = None
    ) -> Verdict:
        """Check an answer that is in no file; `file` is its name in messages."""
        return self._verdict(exercise, code or language(), source=source, file=file)

    def _verdict(self, exercise: Exercise, code: str, **submission: str) -> Verdict:
        answer = self.ask(
            job="check",
            exercise=str(exercise.folder),
            seed=SEED,
            seconds=exercise.seconds,
            **submission,
        )
        phrases = phrasebook(exercise.folder, code)
        if "limit" in answer:
            limit = answer["limit"]
            message = phrases.or_english(limit_words(limit, exercise.seconds))
            return Verdict(exercise=exercise.name, verdict="limit", limit=limit, message=message)
        if "ended" in answer:
            message = (
                f"The process that ran your answer {answer['ended']}. Look for `os._exit`, or for "
                "code outside of Python's care."
            )
            return Verdict(exercise=exercise.name, verdict="error", message=message)
        if "broken" in answer:
            message = f"The check itself failed ({answer['broken']}): that is our bug, not yours."
            return Verdict(exercise=exercise.name, verdict="error", message=message)
        if "unreadable" in answer:
            message = phrases.or_english(answer["unreadable"])
            return Verdict(exercise=exercise.name, verdict="error", message=message)
        if answer["passed"]:
            message = phrases.or_english(praise(exercise))
            return Verdict(exercise=exercise.name, verdict="pass", message=message)
        misconception = None
        message = phrases.or_english(answer["message"])
        # Everybody who forgot a `return` observes alike and hears the same, whatever else is wrong.
        if not answer["todo"] and not answer["none"]:
            misconception = self._like(exercise, answer)
        like, line = None, None
        if misconception:
            feedback = next(m for m in exercise.misconceptions if m.name == misconception).feedback
            feedback = translated_feedback(exercise.folder, code).get(misconception) or feedback
            message = f"{message}\n\n{feedback}"
        elif answer["check"] and not answer["todo"] and not answer["none"]:
            like = behaves_like(exercise.folder, answer["observation"])
            if like:
                said = phrases.or_english(behaves_as_if(like))
                message = f"{message}\n\n{said}"
            line = self._line_to_look_at(exercise, answer["check"], submission)
            if line:
                said = phrases.or_english(_look_at(line, submission))
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

    def _line_to_look_at(
        self, exercise: Exercise, check: str, submission: dict[str, str]
    ) -> int | None:
        """Where one small edit makes every check pass; None if none was found in time."""
        answer = self.ask(
            job="repair",
            exercise=str(exercise.folder),
            check=check,
            source=_source_of(submission),
            file=submission["file"],
            seconds=exercise.seconds,
        )
        return answer.get("line")

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
        answer = self.ask(
            job="disturbed",
            exercise=str(exercise.folder),
            source=exercise.solution,
            words=list(words),
            seconds=10 * exercise.seconds,
        )
        return answer.get("passes", [])

    def _like(self, exercise: Exercise, answer: JsonObject) -> str | None:
        """The misconception that gives the same on the same probes.

        Where none does, as with two mistakes in one answer: the only one whose first failing check
        says the very same, as long as that holds a number that the answer computed.
        """
        from torchcamp.course.judge.equality import alike

        wrong = exercise.misconceptions
        if exercise.folder not in self._known:
            sources = {name: source for m in wrong for name, source in m.sources.items()}
            self._known[exercise.folder] = self.observations(exercise, sources)
        known = self._known[exercise.folder]
        for misconception in wrong:
            if any(alike(answer["observation"], known[file]) for file in misconception.sources):
                return misconception.name
        if not re.search(r"\d", answer["said"]):
            return None
        # Only those that name this check can say the same.
        named = {
            name: source
            for m in wrong
            if m.caught_by == answer["check"]
            for name, source in m.sources.items()
        }
        heard = self.ask(
            job="failures",
            exercise=str(exercise.folder),
            check=answer["check"],
            sources=named,
            seed=SEED,
            seconds=exercise.seconds * (1 + len(named)),
        )
        if answer["said"] in heard.get("anybody", ()):
            return None
        failures = heard.get("failures", {})
        said = {key: answer[key] for key in ("check", "said")}
        same = {
            file
            for file, failure in failures.items()
            if failure and said == {key: failure[key] for key in said}
        }
        names = [m.name for m in wrong if same & m.sources.keys()]
        return names[0] if len(names) == 1 else None

    def _start(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self._end()  # it died
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "torchcamp.course.judge.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
                cwd=tempfile.gettempdir(),  # the caller's folder may be gone before torch is loaded
            )
            assert self._process.stdout is not None
            self._process.stdout.readline()  # "ready"
        return self._process

    def _end(self) -> None:
        if self._process is None:
            return
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._process.terminate()
        self._process.wait()
        self._process = None
