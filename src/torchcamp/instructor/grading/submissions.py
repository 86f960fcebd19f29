"""Whose answers are these? Learners and their answers, from the files that were handed in.

Taken as they are: a folder with one workspace for each learner, repositories of GitHub Classroom
(`ASSIGNMENT-LEARNER`), a download from Moodle (`NAME_1234_assignsubmission_file_/...`, or the same
before each file's name), one from Canvas (`name_1234_56789_FILE`), loose files `LEARNER-EXERCISE.py`,
and one learner's workspace or repository alone.
"""

import io
import json
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from torchcamp.base.errors import UserError
from torchcamp.base.terminal import clean
from torchcamp.instructor.grading.handed_in import PROGRESS, HandedIn, Listing, list_files

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_(?P<file>.*)", re.S)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)", re.S)
AGAIN = re.compile(r"(?P<name>.+?)(?:[ _]?\((?P<copy>\d+)\)|-(?P<again>\d+))?", re.S)
LONGEST_NAME = 80
MOST_ATTEMPTS = 1_000_000
UNKNOWN = "learner"  # where a file says no name


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer. path: where it was found. text: what it says; None with a `problem` if unreadable."""

    exercise: str
    path: str
    text: str | None
    problem: str = ""


@dataclass(kw_only=True)
class Learner:
    """One learner. number: Moodle's participant or Canvas's user, if the names had one.

    attempts: how often an exercise was checked, where the learner's progress came along.
    """

    name: str
    number: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Submissions:
    """A class. name: of its folder or zip. form: `moodle`, `canvas`, `github`, or "" for anything else.

    only: the exercises that were asked for; empty if all were.
    """

    name: str
    only: tuple[str, ...]
    learners: tuple[Learner, ...]
    form: str
    notices: tuple[str, ...]


def read_submissions(
    source: Path, exercises: Collection[str], only: Collection[str] = ()
) -> Submissions:
    """The learners and their answers in `source`, a folder or a zip.

    Args:
        exercises: the names of all exercises.
        only: take the answers to these; all if empty. With one name, whoever handed in a single
            Python file with a name of their own handed in that exercise.

    Raises:
        UserError: see `list_files`, or there is no answer.
    """
    listing = list_files(source)
    grouping = _Grouping(listing, exercises)
    notices = list(listing.notices)
    learners = []
    for (name, number), files in grouping.groups.items():
        learner = Learner(name=name, number=number)
        wanted = set(only) or set(exercises)
        learner.answers = _answers(name, files, exercises, wanted, notices)
        learner.attempts = _attempts(files, exercises)
        learners.append(learner)
    if not any(learner.answers for learner in learners):
        about = f" to {', '.join(only)}" if only else ""
        found = f" ({notices[0]})" if notices else ""
        raise UserError(
            f"no answer{about} was found in {source}{found}; expected answers/EXERCISE.py in a folder for "
            "each learner, or LEARNER-EXERCISE.py; exercises of your own content need --content DIR"
        )
    _name(learners)
    learners.sort(key=lambda each: (each.name.casefold(), each.name, each.number))
    notices += [f"{each.name} handed in no answer" for each in learners if not each.answers]
    return Submissions(
        name=listing.name,
        only=tuple(only),
        learners=tuple(learners),
        form=grouping.form,
        notices=tuple(clean(" ".join(notice.split())) for notice in notices),
    )


class _Grouping:
    """The files by learner, and the form that they came in."""

    def __init__(self, listing: Listing, exercises: Collection[str]) -> None:
        self.exercises = exercises
        self.forms: Counter[str] = Counter()
        self.groups: dict[tuple[str, str], list[HandedIn]] = defaultdict(list)
        files = listing.files
        base = _common_folders(files)
        one = bool({"answers", ".torchcamp"} & set(base)) or self._is_one_learner(files, len(base))
        if one and base and base[0] not in ("answers", ".torchcamp"):
            labelled = (n for n, part in enumerate(base) if self._labelled(part))
            depth = next(labelled, 0)
            for file in files:
                self._add(file, depth, "")
        elif one:
            self.groups[listing.name, ""] = files
        else:
            container = base[-1] if base else listing.name
            cut = self._classroom_prefix(files, base, container, listing)
            for file in files:
                self._add(file, len(base), cut)
        self.form = self.forms.most_common(1)[0][0] if self.forms else ""

    def _is_one_learner(self, files: Iterable[HandedIn], depth: int) -> bool:
        """Whether what lies in the first folder with several entries belongs to one person."""
        tops = {file.parts[depth] for file in files if len(file.parts) > depth + 1}
        if tops & {"answers", ".torchcamp"}:
            return True
        loose = [file.parts[depth] for file in files if len(file.parts) == depth + 1]
        named = [name for name in loose if self._plain(_stem(name))]
        in_folders = any(
            self._plain(_stem(file.parts[-1])) for file in files if len(file.parts) > depth + 1
        )
        return bool(named) and not in_folders and not any(map(self._labelled, loose))

    def _plain(self, stem: str) -> bool:
        return _exercise_of(stem, self.exercises) is not None

    def _labelled(self, name: str) -> bool:
        """Whether a file's name also says whose it is."""
        return bool(
            MOODLE.fullmatch(name)
            or CANVAS.fullmatch(name)
            or (not self._plain(_stem(name)) and _split_off(_stem(name), self.exercises))
        )

    def _classroom_prefix(
        self, files: Iterable[HandedIn], base: tuple[str, ...], container: str, listing: Listing
    ) -> str:
        """What the names of GitHub Classroom's repositories begin with: `ASSIGNMENT-`."""
        tops = {file.parts[len(base)] for file in files if len(file.parts) > len(base) + 1}
        if container.endswith("-submissions"):
            prefix = container.removesuffix("submissions")
            if tops and all(top.startswith(prefix) for top in tops):
                return prefix
        if len(tops) > 1 and all((*base, top) in listing.repositories for top in tops):
            first, last = min(tops), max(tops)
            shared = next(
                (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
                min(len(first), len(last)),
            )
            return first[: first.rfind("-", 0, shared) + 1]
        return ""

    def _add(self, file: HandedIn, depth: int, cut: str) -> None:
        top = file.parts[depth]
        is_file = len(file.parts) == depth + 1
        for form, pattern in (("moodle", MOODLE), ("canvas", CANVAS)):
            if match := pattern.fullmatch(top):
                self.forms[form] += 1
                if is_file:  # what remains of the name is the learner's own
                    parts = (*file.parts[:-1], match["file"])
                    file = HandedIn(parts=parts, content=file.content, problem=file.problem)
                self.groups[match["name"], match["number"]].append(file)
                return
        if not is_file:
            if cut:
                self.forms["github"] += 1
            self.groups[top.removeprefix(cut) or top, ""].append(file)
        elif (found := _split_off(_stem(top), self.exercises)) and not self._plain(_stem(top)):
            name, exercise = found
            parts = (*file.parts[:-1], f"{exercise}.py")
            self.groups[name, ""].append(
                HandedIn(parts=parts, content=file.content, problem=file.problem)
            )
        else:
            self.groups[_stem(top) or UNKNOWN, ""].append(file)


def _common_folders(files: Collection[HandedIn]) -> tuple[str, ...]:
    """The folders that all files lie in."""
    if not files:
        return ()
    folders = [file.parts[:-1] for file in files]
    first, last = min(folders), max(folders)
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    return first[:shared]


def _stem(name: str) -> str:
    return name[: -len(".py")] if name.lower().endswith(".py") else name


def _exercise_of(stem: str, exercises: Collection[str]) -> tuple[str, int] | None:
    """The exercise that a file is named after, and which attempt it is: `softmax (2)`, `softmax-1`."""
    match = AGAIN.fullmatch(stem.strip())
    if match is None or match["name"].lower() not in exercises:
        return None
    return match["name"].lower(), int((match["copy"] or match["again"] or "0")[:9])


def _split_off(stem: str, exercises: Collection[str]) -> tuple[str, str] | None:
    """Learner and exercise of `LEARNER-EXERCISE`; the longest name of an exercise that fits."""
    match = AGAIN.fullmatch(stem.strip())
    name = match["name"] if match else stem
    for exercise in sorted(exercises, key=len, reverse=True):
        head, tail = name[: -len(exercise)], name[-len(exercise) :]
        if tail.lower() == exercise and head[-1:] in ("-", "_", " ", ".") and head.strip("-_ ."):
            return head.strip("-_ ."), exercise
    return None


def _answers(
    name: str,
    files: Iterable[HandedIn],
    exercises: Collection[str],
    wanted: Collection[str],
    notices: list[str],
) -> dict[str, Answer]:
    """One answer to each exercise, of files that may hold several."""
    found: dict[str, list[tuple[tuple[bool, int, int, str], HandedIn]]] = defaultdict(list)
    others: list[HandedIn] = []
    for file in files:
        if file.parts[-2:] == PROGRESS:
            continue
        match = _exercise_of(_stem(file.parts[-1]), exercises)
        if match is None:
            others.append(file)
        else:
            exercise, again = match
            # Those in answers/ first, then the last attempt, then what lies nearest to the top.
            rank = ("answers" not in file.parts[:-1], -again, len(file.parts), file.path)
            found[exercise].append((rank, file))
    if len(wanted) == 1 and not found and len(others) == 1:
        (exercise,) = wanted
        found[exercise].append(((True, 0, 0, ""), others.pop()))
    answers = {}
    for exercise in (each for each in exercises if each in found and each in wanted):
        ranked = sorted(found[exercise], key=lambda each: each[0])
        file = ranked[0][1]
        if len(ranked) > 1 and ranked[0][0][0] == ranked[1][0][0]:
            notices.append(f"{name} has {len(ranked)} files for {exercise}; {file.path} was graded")
        answers[exercise] = _answer(exercise, file)
    if others and not answers:
        shown = ", ".join(file.parts[-1] for file in others[:3])
        notices.append(
            f"{name}: {shown}{' ...' if len(others) > 3 else ''}: not named after an exercise; skipped"
        )
    return answers


def _answer(exercise: str, file: HandedIn) -> Answer:
    path = clean(file.path)
    if file.content is None:
        problem = f"The file {file.problem}."
        return Answer(exercise=exercise, path=path, text=None, problem=problem)
    try:
        text = source_text(file.content)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        problem = f"The file is not text that Python can read ({str(error).splitlines()[0]})."
        return Answer(exercise=exercise, path=path, text=None, problem=problem)
    return Answer(exercise=exercise, path=path, text=text)


def source_text(content: bytes) -> str:
    """A Python file's text as Python decodes it, with line ends as `\\n`.

    Raises:
        SyntaxError: it names an encoding that does not exist, or begins with bytes that are not UTF-8.
        UnicodeDecodeError: it is in another encoding than it says.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    text = content.decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _attempts(files: Iterable[HandedIn], exercises: Collection[str]) -> dict[str, int]:
    """How often each exercise was checked, from a `progress.json` that may hold anything."""
    for file in files:
        if file.parts[-2:] != PROGRESS or file.content is None:
            continue
        try:
            entries = json.loads(file.content)["exercises"]
            return {
                name: min(entry["attempts"], MOST_ATTEMPTS)
                for name, entry in entries.items()
                if name in exercises
                and isinstance(entry, Mapping)
                and type(entry.get("attempts")) is int
                and entry["attempts"] > 0
            }
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return {}


def _name(learners: Iterable[Learner]) -> None:
    """Give everybody a name that can be shown and that nobody else has."""
    taken: set[str] = set()
    learners = list(learners)
    for learner in learners:
        learner.name = clean(" ".join(learner.name.split()))[:LONGEST_NAME] or UNKNOWN
    shared = Counter(learner.name for learner in learners)
    for learner in learners:
        if shared[learner.name] > 1 and learner.number:
            learner.name = f"{learner.name} ({learner.number})"
        name, number = learner.name, 1
        while learner.name in taken:
            number += 1
            learner.name = f"{name} ({number})"
        taken.add(learner.name)
