"""What `torchcamp dev check` proves of translations (see `course.translation`).

A translated file belongs to one that is there, and has the same sections: of a statement the same
headings, blocks of code and formulas, of the misconceptions a feedback for each, of the hints as many. A
lesson's translation has the same cells. Every sentence that the starter and the misconceptions bring
forth, or that an answer may be told of its behaviour, is one that `checks.de.md` and `messages.de.md` know.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from torchcamp.base.files import regular_text
from torchcamp.course.content import Exercise
from torchcamp.course.judge.behaviour import ways_to_behave
from torchcamp.course.judge.client import Judge, behaves_as_if, praise
from torchcamp.course.translation import (
    HOLE,
    Phrase,
    beside,
    languages,
    phrasebook,
    phrases,
    sections,
    translations_in,
)

TRANSLATED_WORDS = {"title", "hints"}  # of exercise.toml
FENCE = re.compile(r"^(?:```|~~~).*$", re.M)
NUMBER_SIGNS = re.compile(r"^#+(?= )", re.M)
CODE_WORDS = re.compile(r"`([^`\n]+)`")


def translation_problems(content: Path) -> Iterator[str]:
    """A sentence for each translated file that does not fit what it translates."""
    for path, original, _ in translations_in(content):
        if original == "course.toml":
            yield from (f"{path.name}: {words}" for words in _course_words(content, path))
        elif original == "messages.md":
            for phrase in phrases(path):
                yield from (f"{path.name}: {words}" for words in _holes(phrase))
        else:
            yield f"{path.name} belongs to no file"
    for folder in sorted(path for path in (content / "lessons").glob("*/") if path.is_dir()):
        for path, original, _ in translations_in(folder):
            yield from _fitting(content, path, folder / original)
        for exercise in sorted(path for path in folder.glob("*/") if path.is_dir()):
            for path, original, _ in translations_in(exercise):
                is_messages = original == "checks.md"
                yield from _fitting(
                    content, path, exercise / ("checks.py" if is_messages else original)
                )


def _fitting(content: Path, path: Path, original: Path) -> Iterator[str]:
    where = path.relative_to(content / "lessons")
    if not original.is_file():
        yield f"{where} belongs to no file: there is no {original.name}"
        return
    compare = {
        "statement.md": _statement,
        "cheat_sheet.md": _statement,
        "misconceptions.md": _misconceptions,
        "exercise.toml": _words,
        "checks.py": _sentences,
        "lesson.py": _cells,
    }.get(original.name)
    if compare is None:
        yield f"{where}: {original.name} is not translated"
        return
    english, other = (regular_text(each) for each in (original, path))
    try:
        yield from (f"{where}: {words}" for words in compare(english, other))
    except (SyntaxError, ValueError) as error:  # the English file's fault is said elsewhere
        yield f"{where} cannot be read: {error}"


def _course_words(content: Path, path: Path) -> Iterator[str]:
    try:
        entries = tomllib.loads(regular_text(content / "course.toml"))
        named = {lesson.get("name") for lesson in entries.get("lesson", [])}
        for name, words in tomllib.loads(regular_text(path)).items():
            if name not in named:
                yield f"course.toml names no lesson {name}"
            elif not isinstance(words, dict) or set(words) - {"title", "question"}:
                yield f"{name} may have a title and a question, nothing else"
    except ValueError as error:
        yield f"cannot be read: {error}"


def _statement(english: str, other: str) -> Iterator[str]:
    """The same headings, blocks and pieces of code, in the same order where order matters."""
    if NUMBER_SIGNS.findall(english) != NUMBER_SIGNS.findall(other):
        yield "it has other headings than the English text"
    if FENCE.findall(english) != FENCE.findall(other):
        yield "it has other blocks of code than the English text"
    code, translated_code = set(CODE_WORDS.findall(english)), set(CODE_WORDS.findall(other))
    for word in sorted(code ^ translated_code):
        yield f"`{word}` stands only in the {'English text' if word in code else 'translation'}"


def _misconceptions(english: str, other: str) -> Iterator[str]:
    named, translated = sections(english), sections(other)
    for name in named:
        if not translated.get(name):
            yield f"{name} has no feedback"
    for name in translated.keys() - named.keys():
        yield f"{name} is no misconception of the exercise"
    if FENCE.search(other):
        yield "it has blocks of code: the answers stand in misconceptions.md only"


def _words(english: str, other: str) -> Iterator[str]:
    entries, translated = tomllib.loads(english), tomllib.loads(other)
    if extra := sorted(translated.keys() - TRANSLATED_WORDS):
        yield f"{extra[0]} is not translated: title and hints are"
    hints, others = entries.get("hints", []), translated.get("hints", [])
    if len(others) not in (0, len(hints)):
        yield f"it has {len(others)} hints, the exercise has {len(hints)}"


def _sentences(code: str, other: str) -> Iterator[str]:
    """Every heading is a sentence of `checks.py`, and its translation has the same holes."""
    known = _texts(code)
    for english, translated in sections(other).items():
        phrase = Phrase(english, translated)
        for piece in phrase.literal_pieces:
            if not any(_plain(piece) in text for text in known):
                yield f"checks.py does not say {piece.strip()!r}"
        yield from _holes(phrase)


def _holes(phrase: Phrase) -> Iterator[str]:
    english, other = (
        {h[0] for h in HOLE.finditer(text)} for text in (phrase.english, phrase.other)
    )
    if not phrase.other:
        yield f"{phrase.english!r} has no translation"
    elif wrong := sorted(english ^ other):
        yield f"{wrong[0]} does not stand in both: {phrase.english!r}"


def _texts(code: str) -> list[str]:
    """Every text of a Python file, with one blank for every run of blanks."""
    return [
        _plain(node.value)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _cells(english: str, other: str) -> Iterator[str]:
    """The cells have the same names, in the same order, and call the same things of `lesson`."""
    cells, others = _named_calls(english), _named_calls(other)
    if list(cells) != list(others):
        yield "it has other cells than lesson.py"
    for name in cells.keys() & others.keys():
        if cells[name] != others[name]:
            yield f"the cell {name} calls other functions of lesson than in lesson.py"


def _named_calls(code: str) -> dict[str, list[str]]:
    """Cell -> the functions of `lesson` that it calls, with a name that is their first argument."""
    found = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef):
            calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
            found[node.name] = [
                _called(call) for call in calls if ast.unparse(call.func).startswith("lesson.")
            ]
    return found


def _called(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    is_name = isinstance(first, ast.Constant) and re.fullmatch(r"[\w/.:]+", str(first.value))
    return f"{ast.unparse(call.func)}({first.value if is_name else ''})"  # type: ignore[union-attr]


def spoken_problems(exercise: Exercise, judge: Judge) -> Iterator[str]:
    """What is said to the starter and to the misconceptions, and is not known in a language."""
    for code in sorted(languages(exercise.folder)):
        book = phrasebook(exercise.folder, code)
        if not beside(exercise.folder / "checks.md", code).is_file():
            continue
        heard = {praise(exercise)}
        heard |= {behaves_as_if(like) for like in ways_to_behave(exercise.folder)}
        starter = judge.verdict(exercise, exercise.folder / "starter.py", "en")
        heard.add(starter.message)
        for wrong in exercise.misconceptions:
            verdict = judge.verdict_of(exercise, wrong.source, wrong.file_name, "en")
            heard.add(verdict.message.removesuffix(wrong.feedback).strip())
        for text in sorted(heard):
            if book.say(text) is None:
                yield f"checks.{code}.md has no sentence for: {text}"
