"""`torchcamp dev check`: every promise of the content, proved by running it.

For each exercise: the starter fails and holds a TODO; the solution and every accepted answer pass;
each misconception's first failing check is the one that it names, and its author, as those of its
variants, would be told its feedback; the observations of the solution and of all misconceptions differ pairwise over several
draws, and no two misconceptions differ only in a number; each misconception's block fits exactly
once; signatures and docstrings agree; references and quotes resolve; what an exercise builds on
comes before it; there are hints; there are no stray files; a solution that returns nothing, or no
graph where it has one, fails. On request, other ways to disturb a solution (see
`course.judge.disturb`) are listed where the checks let them pass, for the author to decide. A reading exercise is short, quotes code
and asks for predictions, whose misconceptions may differ in a number. Translations belong to files that
are there and have the same sections (see `translations`).
"""

import ast
import contextlib
import itertools
import queue
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from torchcamp.base.errors import ContentError
from torchcamp.base.files import regular_text
from torchcamp.base.paths import CONTENT
from torchcamp.course.content import (
    KINDS,
    READING,
    SCRIPT,
    Exercise,
    extends_ours,
    read_course,
    read_exercise,
)
from torchcamp.course.judge.behaviour import BEHAVIOURS, is_stale
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.disturb import NEVER_PASSES
from torchcamp.course.judge.equality import alike
from torchcamp.course.judge.starter import predictions
from torchcamp.course.misconceptions import MISCONCEPTIONS, read_misconceptions
from torchcamp.course.translation import split_name
from torchcamp.instructor.catalogue import catalogue_problems, read_catalogue
from torchcamp.instructor.translations import spoken_problems, translation_problems
from torchcamp.reading.source import SymbolError, source_of

NUM_JUDGES = 2  # processes that prove exercises side by side
DRAWS = (0, 1, 2)  # seeds on which observations must differ
MOST_PREDICTIONS = 3  # that a reading exercise asks for
MOST_READING_MINUTES = 6
FILES = {
    "exercise.toml",
    "statement.md",
    "starter.py",
    "solution.py",
    "checks.py",
    MISCONCEPTIONS,
}
FOLDER = "accepted"  # the only folder of an exercise: right answers written in other ways

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass
class Report:
    """What was found: counts, and a sentence for each problem.

    core: exercises on the short path. minutes_core: what they and the lessons' pages take.
    """

    exercises: int = 0
    reading: int = 0  # exercises in which code is read
    misconceptions: int = 0
    catalogue: set[str] = field(default_factory=set)
    lessons: int = 0
    core: int = 0
    minutes_core: int = 0
    disturbed: dict[str, list[str]] = field(default_factory=dict)  # exercise -> what passes
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "exercises": self.exercises,
            "reading": self.reading,
            "misconceptions": self.misconceptions,
            "catalogue": len(self.catalogue),
            "lessons": self.lessons,
            "core": self.core,
            "minutes_core": self.minutes_core,
            "problems": self.problems,
        }


def shown_by(content: Path = CONTENT) -> dict[str, list[str]]:
    """Entry of the catalogue -> the exercises that show it, by name."""
    found: dict[str, list[str]] = {}
    for path in sorted((content / "lessons").glob("*/*/exercise.toml")):
        exercise = read_exercise(path.parent)
        wrong = (entry for m in exercise.misconceptions for entry in m.catalogue)
        for entry in sorted({*wrong, *exercise.redundant}):
            found.setdefault(entry, []).append(exercise.name)
    return found


def not_shown(content: Path = CONTENT) -> dict[str, str]:
    """Entry of the catalogue -> why no exercise shows it, from `course.toml`."""
    try:
        return tomllib.loads(regular_text(content / "course.toml")).get("not_shown", {})
    except (OSError, tomllib.TOMLDecodeError):
        return {}  # said elsewhere


def _accounts(content: Path, shown: set[str], known: set[str]) -> Iterator[str]:
    """What is said not to be shown exists, is not shown, and has a reason."""
    for entry, reason in not_shown(content).items():
        if known and entry not in known:
            yield f"course.toml: not_shown names {entry}, which is not an entry of the catalogue"
        if entry in shown:
            yield f"course.toml: {entry} stands under not_shown, and an exercise shows it"
        if not reason.strip():
            yield f"course.toml: not_shown gives no reason for {entry}"


def check_content(
    content: Path = CONTENT,
    tell: Callable[[str], None] = lambda line: None,
    *,
    disturb: bool = False,
) -> Report:
    """Prove a content folder.

    Args:
        content: holds `course.toml` and `lessons/NAME/`, a lesson with its exercises.
        tell: called with the name of each exercise before it is proved.
        disturb: try every way to disturb a solution, not only those that must never pass. It
            nearly doubles the time.
    """
    report = Report()
    content = content.resolve()  # the judge works in folders of its own
    named = {folder.name: folder for folder in _check_course(content, report)}
    for path in sorted((content / "lessons").glob("*/*/")):
        if path.is_dir() and path not in named.values() and path.name != "__pycache__":
            where = path.relative_to(content)
            report.problems.append(f"{where}: course.toml names no such exercise in this lesson")
    if not named:
        report.problems.append("course.toml names no exercise: there is nothing to check")
    if content != CONTENT:
        report.problems += _as_a_course(content)
    report.problems += translation_problems(content)
    known: set[str] = set()  # stays empty where the catalogue cannot be read: one problem, not many
    try:
        catalogue = read_catalogue(content)
        known = set(catalogue)
        report.problems += catalogue_problems(catalogue)
    except ContentError as error:
        report.problems.append(str(error))
    for part in _prove(named.values(), known, tell, disturb=disturb):
        report.exercises += part.exercises
        report.reading += part.reading
        report.misconceptions += part.misconceptions
        report.catalogue |= part.catalogue
        report.core += part.core
        report.minutes_core += part.minutes_core
        report.disturbed |= part.disturbed
        report.problems += part.problems
    report.problems += _ladder(named, _before(content))
    report.problems += _accounts(content, report.catalogue, known)
    return report


def _prove(
    folders: Iterable[Path],
    known: set[str],
    tell: Callable[[str], None],
    *,
    disturb: bool = False,
) -> Iterator[Report]:
    """A report for each exercise, in order; `known` are the ids of the catalogue."""

    def prove(folder: Path, judge: Judge) -> Report:
        part, name = Report(), folder.name
        if not folder.is_dir():
            part.problems.append(
                f"{name}: the folder lessons/{folder.parent.name}/{name} is missing"
            )
            return part
        tell(name)
        found = _check_exercise(folder, judge, part, disturb=disturb)
        part.problems = [f"{name}: {words}" for words in found]
        unknown = sorted(part.catalogue - known) if known else []
        part.problems += [f"{name}: the catalogue has no entry {entry}" for entry in unknown]
        part.exercises = 1
        return part

    return by_judges(prove, folders)


def by_judges(work: Callable[[Item, Judge], Found], items: Iterable[Item]) -> Iterator[Found]:
    """What `work` makes of each item, in order; several are worked on at a time, with a judge each."""
    judges: queue.SimpleQueue[Judge] = queue.SimpleQueue()

    def with_a_judge(item: Item) -> Found:
        judge = judges.get()
        try:
            return work(item, judge)
        finally:
            judges.put(judge)

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(NUM_JUDGES) as pool:
        for _ in range(NUM_JUDGES):
            judges.put(stack.enter_context(Judge()))
        yield from pool.map(with_a_judge, items)


def _as_a_course(content: Path) -> Iterator[str]:
    """What keeps content of one's own from being opened."""
    try:
        opened = read_course(content)
    except ContentError as error:
        yield str(error)
        return
    if "TODO" in opened.title:
        yield "course.toml: the title is still a TODO"


def _before(content: Path) -> list[str]:
    """The exercises of ours, where the content stands on top of them."""
    try:
        return list(read_course(CONTENT).exercises) if extends_ours(content) else []
    except ContentError:
        return []  # said elsewhere


def _ladder(named: dict[str, Path], before: Sequence[str] = ()) -> Iterator[str]:
    """What an exercise builds on comes before it."""
    for number, (name, folder) in enumerate(named.items()):
        try:
            exercise = read_exercise(folder)
        except ContentError:
            continue  # said already
        for other in exercise.after:
            if other not in [*before, *list(named)[:number]]:
                yield f"{name}: it builds on {other}, which does not come before it"


def _check_course(content: Path, report: Report) -> Iterator[Path]:
    """The lessons' entries and files; yields the folders of exercises."""
    try:
        entries = tomllib.loads(regular_text(content / "course.toml")).get("lesson", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        report.problems.append(f"course.toml: {error}")
        return
    seen: set[str] = set()
    names = {entry.get("name") for entry in entries}
    lessons = content / "lessons"
    for path in sorted(lessons.iterdir()) if lessons.is_dir() else ():
        if path.name != "__pycache__" and path.name not in names:
            report.problems.append(f"lessons/{path.name}: course.toml names no such lesson")
    for entry in entries:
        report.lessons += 1
        for key in ("name", "title", "question", "reading_minutes"):
            if not entry.get(key):
                report.problems.append(f"lesson {entry.get('name')}: no {key}")
        path = content / "lessons" / str(entry.get("name")) / "lesson.py"
        if not path.is_file():
            where = path.relative_to(content)
            report.problems.append(f"lesson {entry.get('name')}: {where} is missing")
            continue
        text = regular_text(path)
        for reference in re.findall(r"quote\(\s*\"([^\"]+)\"", text):
            report.problems += _reference_problems(reference, f"lesson {entry['name']}")
        for name in entry.get("exercises", []):
            if name in seen:
                report.problems.append(f"{name}: course.toml names it twice")
                continue
            seen.add(name)
            report.problems += _shown(name, entry["name"], path.parent / name, text)
            yield path.parent / name
        report.minutes_core += entry.get("reading_minutes", 0)


def _shown(name: str, lesson: str, folder: Path, text: str) -> Iterator[str]:
    """A core exercise stands in the lesson's text, any other among its further practice."""
    try:
        core = read_exercise(folder).core
    except ContentError:
        return  # said elsewhere
    by_itself = f'exercise("{name}"' in text
    folded = not core and f'more_practice("{lesson}"' in text
    if not by_itself and not folded:
        yield f"{name}: lesson {lesson} does not show it"
    elif by_itself and folded:
        yield f"{name}: lesson {lesson} shows it twice, by itself and as more practice"


def _reference_problems(reference: str, where: str) -> Iterator[str]:
    """What is wrong with a quoted symbol of ours."""
    try:
        source_of(reference)
    except SymbolError as error:
        yield f"{where}: {error}"


def _check_exercise(folder: Path, judge: Judge, report: Report, *, disturb: bool) -> Iterator[str]:
    yield from _files(folder)
    if not all((folder / name).is_file() for name in FILES):
        return
    try:
        exercise = read_exercise(folder)
    except ContentError as error:
        yield str(error)
        return
    if exercise.core:
        report.core, report.minutes_core = 1, exercise.minutes
    if not exercise.hints or not all(hint.strip() for hint in exercise.hints):
        yield "there must be at least one hint, and none empty"
    if not regular_text(folder / "statement.md").strip():
        yield "statement.md is empty"
    yield from _quotes(exercise)
    if exercise.kind not in KINDS:
        yield f"kind must be one of {', '.join(KINDS)}, not {exercise.kind!r}"
    if exercise.reference or folder.is_relative_to(CONTENT):
        yield from _reference_problems(exercise.reference, "reference")
    if "TODO" not in exercise.starter:
        yield "the starter holds no TODO"
    yield from _signatures(exercise)
    misconceptions, problems = read_misconceptions(folder)
    report.misconceptions += len(misconceptions)
    report.catalogue |= {entry for m in misconceptions for entry in m.catalogue}
    report.catalogue |= set(exercise.redundant)
    yield from (f"{MISCONCEPTIONS}: {problem}" for problem in problems)
    if problems:
        return  # nothing can be judged against a list that is not whole
    if not misconceptions:
        yield "there are no misconceptions"
    if exercise.kind == READING:
        report.reading = 1
        yield from _reading(exercise)
    else:  # two readings may well differ in a number only
        yield from _twins(exercise)
    if is_stale(folder):
        yield f"{BEHAVIOURS} is of other files: run torchcamp dev behaviours {exercise.name}"
    yield from _verdicts(exercise, judge)
    yield from spoken_problems(exercise, judge)
    yield from _observations(exercise, judge)
    yield from _disturbed(exercise, judge, report, disturb=disturb)


def _files(folder: Path) -> Iterator[str]:
    for name in sorted(FILES):
        if not (folder / name).is_file():
            yield f"{name} is missing"
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if "__pycache__" in relative.parts:
            continue
        known = (
            str(relative) in FILES | {SCRIPT, BEHAVIOURS}
            or split_name(relative)[1]  # a translation: see `translations`
            or (path.is_dir() and str(relative) == FOLDER)
            or (len(relative.parts) == 2 and relative.parts[0] == FOLDER and path.suffix == ".py")
        )
        if not known:
            yield f"{relative} does not belong here"


def _quotes(exercise: Exercise) -> Iterator[str]:
    """What the statement quotes is there, and a script that is there is quoted."""
    has_script = (exercise.folder / SCRIPT).is_file()
    for reference in exercise.quotes:
        if reference != SCRIPT:
            yield from _reference_problems(reference, "statement.md")
        elif not has_script:
            yield f"statement.md quotes {SCRIPT}, which is missing"
    if has_script and SCRIPT not in exercise.quotes:
        yield f"statement.md does not quote {SCRIPT}"


def _reading(exercise: Exercise) -> Iterator[str]:
    """A reading exercise is short: it quotes code, and asks for a few predictions of what it does."""
    asked = predictions(exercise.starter)
    if not 1 <= len(asked) <= MOST_PREDICTIONS:
        yield f"the starter asks for {len(asked)} predictions (`name = ...`): 1 to {MOST_PREDICTIONS}"
    if exercise.minutes > MOST_READING_MINUTES:
        yield f"{exercise.minutes} minutes to read: {MOST_READING_MINUTES} at most"
    if not exercise.quotes:
        yield "a reading exercise must quote code: an empty block ```python FILE::SYMBOL"
    statement = regular_text(exercise.folder / "statement.md")
    unsaid = [name for name in asked if f"`{name}`" not in statement]
    if unsaid:
        yield f"statement.md does not say what {unsaid[0]} is"


def _twins(exercise: Exercise) -> Iterator[str]:
    """Misconceptions that differ in a number only: one mistake, counted twice."""
    seen: dict[str, str] = {}
    for misconception in exercise.misconceptions:
        code = _without_numbers(misconception.source)
        if code in seen:
            yield f"{seen[code]} and {misconception.name} differ only in a constant"
        seen.setdefault(code, misconception.name)


def _without_numbers(source: str) -> str:
    """The code with every number the same, and without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:]
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            node.value = node.value if isinstance(node.value, bool) else 0
    return ast.dump(tree)


def _signatures(exercise: Exercise) -> Iterator[str]:
    """Public functions and classes of starter and solution: same names, arguments, docstrings."""
    starter, solution = _public(exercise.starter), _public(exercise.solution)
    for name in starter.keys() | solution.keys():
        if name not in starter or name not in solution:
            where = "solution" if name in solution else "starter"
            yield f"only the {where} defines {name}"
        elif starter[name] != solution[name]:
            yield f"{name} has another signature in the starter than in the solution"
    in_starter, in_solution = _docstrings(exercise.starter), _docstrings(exercise.solution)
    for name in in_starter.keys() & in_solution.keys():
        if in_starter[name] != in_solution[name]:
            yield f"{name} has another docstring in the starter than in the solution"


def _public(source: str) -> dict[str, str]:
    """Name -> signature."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            returns = ast.unparse(node.returns) if node.returns else ""
            found[node.name] = f"({ast.unparse(node.args)}) -> {returns}"
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
            found[node.name] = "; ".join(f"{m.name}({ast.unparse(m.args)})" for m in methods)
    return found


def _docstrings(source: str) -> dict[str, str | None]:
    """Name -> docstring of functions, classes and, as Class.method, of methods."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[str, str | None] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = ast.get_docstring(node)
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            found |= {f"{node.name}.{method.name}": ast.get_docstring(method) for method in methods}
    return found


def _verdicts(exercise: Exercise, judge: Judge) -> Iterator[str]:
    starter = judge.verdict(exercise, exercise.folder / "starter.py")
    if starter.verdict != "fail":
        yield f"the starter must fail a check, its verdict is {starter.verdict}"
    elif starter.misconception:
        yield f"the starter observes like {starter.misconception}"
    for path in (exercise.folder / "solution.py", *exercise.accepted):
        verdict = judge.verdict(exercise, path)
        if not verdict.passed:
            which = path.relative_to(exercise.folder)
            yield f"{which} must pass: {verdict.verdict} {verdict.check or ''} {verdict.message}"
    for misconception in exercise.misconceptions:
        verdict = judge.verdict_of(exercise, misconception.source, misconception.file_name)
        where = f"{MISCONCEPTIONS}: `{misconception.name}`"
        if verdict.verdict != "fail":
            yield f"{where} must fail a check, its verdict is {verdict.verdict}: {verdict.message}"
        elif verdict.check != misconception.caught_by:
            yield (
                f"{where} says it is caught by {misconception.caught_by}; "
                f"{verdict.check} fails first"
            )
        elif verdict.misconception != misconception.name:
            yield f"{where} is told the feedback of {verdict.misconception}"
        for file, source in list(misconception.sources.items())[1:]:
            verdict = judge.verdict_of(exercise, source, file)
            if verdict.misconception != misconception.name:
                told = verdict.misconception or f"none, its verdict is {verdict.verdict}"
                yield f"{MISCONCEPTIONS}: `{file}` is told the feedback of {told}"


def _observations(exercise: Exercise, judge: Judge) -> Iterator[str]:
    """Solution and misconceptions must differ pairwise on every draw."""
    sources = {"solution": exercise.solution}
    sources |= {m.name: m.source for m in exercise.misconceptions}
    for seed in DRAWS:
        seen = judge.observations(exercise, sources, seed)
        for name, observation in seen.items():
            if observation is None:
                yield f"{name} cannot be observed on draw {seed}"
        for (left, one), (right, other) in itertools.combinations(seen.items(), 2):
            if one is not None and alike(one, other):
                yield f"{left} and {right} observe alike on draw {seed}"


def _disturbed(exercise: Exercise, judge: Judge, report: Report, *, disturb: bool) -> Iterator[str]:
    """What the checks do not see of a solution with one promise broken."""
    if exercise.kind == READING:
        return
    passes = judge.passing_disturbances(exercise, () if disturb else NEVER_PASSES)
    if passes:
        report.disturbed[exercise.name] = passes
    for words in passes:
        if words in NEVER_PASSES:
            yield f"the solution passes although {words}"
