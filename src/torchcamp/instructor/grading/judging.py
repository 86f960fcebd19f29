"""Many answers judged: in parallel, each text once, and none twice after an interruption.

A verdict is kept as soon as it is known, in a folder of the user's cache unless another is named:
one file for each exercise, whose name holds a hash of the exercise's content and of the versions of
torchcamp and torch, with a line for each answer. A line holds the hash of the answer and its verdict, no
name. Whatever is written there was judged under the same circumstances, so it is read instead of judged.
"""

import hashlib
import importlib.metadata
import json
import os
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from torchcamp.base.files import text_hash
from torchcamp.base.version import __version__
from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Exercise
from torchcamp.course.judge import isolation
from torchcamp.course.judge.client import SEED, Judge, Verdict
from torchcamp.data.fetch import cache_dir

PROTECTED = {
    isolation.NAMESPACES.name: "Each answer ran in namespaces of its own: without a network, in a "
    "read-only system that holds nothing of yours, with an empty temporary folder.",
    isolation.BUBBLEWRAP.name: "The answers ran in bubblewrap: without a network, in a read-only system "
    "that holds nothing of yours, with an empty temporary folder.",
    isolation.LIMITS.name: "The answers ran with the rights of whoever graded them, within limits on "
    "time, memory and output: that is not a sandbox.",
}
KINDS = ("pass", "fail", "error", "limit")
MEASURED = 5  # verdicts, after which the time left is told
POLL_SECONDS = 0.1  # after which Ctrl-C is heard


def open_judge() -> Judge:
    """The judge that answers are graded with: the one place where it is chosen."""
    return Judge(isolated=True)


def protection() -> list[str]:
    """What whoever grades must know about the protection of their machine, in sentences."""
    found = isolation.protection()
    return [PROTECTED[found.name], *found.not_protected]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How far the judging is. reused: answers whose verdict was known from an earlier run."""

    done: int
    total: int
    reused: int
    seconds_left: float | None


Key = tuple[str, str]  # the exercise's name and the hash of the answer


def num_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Verdicts:
    """The verdicts that are kept in a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_dir() / "grading"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()

    def read(self, exercise: Exercise) -> dict[str, Verdict]:
        """By the hash of the answer; a line that was cut off or is damaged counts as missing."""
        path = self._path(exercise)
        found: dict[str, Verdict] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if (row := _read_row(line, exercise.name)) is not None:
                    found[row[0]] = row[1]
        return found

    def keep(self, exercise: Exercise, answer: str, verdict: Verdict) -> None:
        """Write a line, in one piece and to the disk."""
        line = json.dumps({"answer": answer, "verdict": verdict.as_json()}) + "\n"
        with self._lock:
            handle = os.open(self._path(exercise), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                size = os.fstat(handle).st_size
                if size and os.pread(handle, 1, size - 1) != b"\n":
                    line = "\n" + line  # whoever wrote the last one was killed
                os.write(handle, line.encode())
                os.fsync(handle)
            finally:
                os.close(handle)

    def _path(self, exercise: Exercise) -> Path:
        return self.folder / f"{exercise.name}-{fingerprint(exercise.folder)}.jsonl"


def _read_row(line: str, exercise: str) -> tuple[str, Verdict] | None:
    names = {field.name for field in fields(Verdict)}
    try:
        row = json.loads(line)
        entries: JsonObject = row["verdict"]
        if entries["exercise"] != exercise or entries["verdict"] not in KINDS:
            return None
        if not isinstance(row["answer"], str) or not entries.keys() <= names:
            return None
        return row["answer"], Verdict(**entries)
    except (ValueError, KeyError, TypeError):
        return None


@cache
def fingerprint(folder: Path) -> str:
    """A hash of what a verdict rests on beside the answer: the exercise's files and the versions."""
    made_of = hashlib.sha256(f"{__version__} {importlib.metadata.version('torch')} {SEED}".encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            made_of.update(f"\0{path.relative_to(folder)}\0".encode())
            made_of.update(path.read_bytes())
    return made_of.hexdigest()[:20]


def judge_all(
    texts: Mapping[Exercise, Iterable[str]],
    *,
    jobs: int,
    verdicts: Verdicts,
    fresh: bool = False,
    tell: Callable[[Pace], None] = lambda pace: None,
) -> dict[Key, Verdict]:
    """The verdict on each answer, whoever wrote it.

    Args:
        texts: the answers to each exercise; equal ones are judged once.
        jobs: judges that work at the same time, each on a core.
        verdicts: where verdicts are kept and found again.
        fresh: judge also what was judged before.
        tell: hears after each answer how far it is.
    """
    known: dict[Key, Verdict] = {}
    left: dict[Exercise, dict[str, str]] = {}
    for exercise, answers in texts.items():
        by_hash = {text_hash(text): text for text in answers}
        kept = {} if fresh else verdicts.read(exercise)
        known |= {(exercise.name, key): kept[key] for key in by_hash.keys() & kept.keys()}
        if todo := {key: text for key, text in by_hash.items() if key not in kept}:
            left[exercise] = todo
    reused, total = len(known), len(known) + sum(map(len, left.values()))
    tell(Pace(done=reused, total=total, reused=reused, seconds_left=None))
    if not left:
        return known
    work = _Work(left)
    began, at_begin = 0.0, 0
    threads = [
        threading.Thread(target=work.run, args=(verdicts,), daemon=True)
        for _ in range(min(jobs, total - reused))
    ]
    for thread in threads:
        thread.start()
    try:
        while len(known) < total:
            try:
                done = work.done.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(done, BaseException):
                raise done
            key, verdict = done
            known[key] = verdict
            now = time.monotonic()
            if not began:  # the first verdicts waited for torch, the next tell the pace
                began, at_begin = now, len(known)
            num_judged = len(known) - at_begin
            enough = num_judged >= MEASURED
            seconds_left = (total - len(known)) * (now - began) / num_judged if enough else None
            tell(Pace(done=len(known), total=total, reused=reused, seconds_left=seconds_left))
    finally:
        # Each judge finishes the answer that it is at, keeps its verdict, and ends its process.
        work.stopping.set()
        for thread in threads:
            thread.join()
    return known


class _Work:
    """Answers that wait, exercise by exercise: a judge stays with one while there are enough others.

    It observes an exercise's misconceptions once, for all of its answers.
    """

    def __init__(self, left: Mapping[Exercise, Mapping[str, str]]) -> None:
        self.waiting = {exercise: list(answers.items()) for exercise, answers in left.items()}
        self.workers: dict[Exercise, int] = defaultdict(int)
        self.lock = threading.Lock()
        self.done: queue.Queue[tuple[Key, Verdict] | BaseException] = queue.Queue()
        self.stopping = threading.Event()

    def take(self, current: Exercise | None) -> tuple[Exercise, str, str] | None:
        """The next answer for a worker that is at `current`; None when nothing is left."""
        with self.lock:
            if current is not None and not self.waiting.get(current):
                self.workers[current] -= 1
                current = None
            if current is None:
                open_ones = [exercise for exercise, answers in self.waiting.items() if answers]
                if not open_ones:
                    return None
                current = max(
                    open_ones, key=lambda each: len(self.waiting[each]) / (1 + self.workers[each])
                )
                self.workers[current] += 1
            key, text = self.waiting[current].pop()
            return current, key, text

    def run(self, verdicts: Verdicts) -> None:
        """Judge until nothing is left; what goes wrong here is raised by whoever waits."""
        try:
            with open_judge() as judge:
                current = None
                while not self.stopping.is_set() and (task := self.take(current)):
                    current, key, text = task
                    try:
                        verdict = judge.verdict_of(current, text, f"answers/{current.name}.py")
                    except Exception as error:  # whatever an answer does, the others are judged
                        judge.close()
                        verdict = _not_judged(current, error)
                    else:
                        verdicts.keep(current, key, verdict)
                    self.done.put(((current.name, key), verdict))
        except BaseException as error:
            self.done.put(error)


def _not_judged(exercise: Exercise, error: Exception) -> Verdict:
    words = f"It could not be judged ({type(error).__name__}: {error})"[:500]
    return Verdict(exercise=exercise.name, verdict="error", message=f"{words}.")
