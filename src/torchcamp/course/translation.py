"""Content in another language: what stands beside a file, and sentences with numbers in them.

A translation of `NAME.md` is `NAME.de.md` beside it (`.toml` and `.py` alike). What is not translated
stays English. An exercise may have

    statement.de.md       the whole statement
    exercise.de.toml      title and hints
    misconceptions.de.md  a section `## NAME` with the feedback, for each misconception; no code
    checks.de.md          a section for each sentence of `checks.py`: the English one as the heading

In `checks.de.md`, a name in braces stands for what the answer gave, and is copied; one in double
braces stands for a sentence that has a section of its own:

    ## `area({side})` returned {returned}. {{why}}

    `area({side})` hat {returned} zurückgegeben. {{why}}

What the judge itself says is translated by `messages.de.md`, of the same form, of the exercise's content or
of ours, wherever an exercise has a `checks.de.md`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from torchcamp.base.files import regular_text
from torchcamp.base.paths import CONTENT
from torchcamp.course.settings import CODE, ENGLISH, language

HEADING = re.compile(r"^## +(.+?) *$", re.M)
HOLE = re.compile(r"\{\{(\w+)\}\}|\{(\w+)\}")
PARAGRAPHS = re.compile(r"\n{2,}")


def beside(path: Path, code: str) -> Path:
    """Where the translation of `path` into the language `code` stands."""
    return path.with_name(f"{path.stem}.{code}{path.suffix}")


def translated(path: Path, code: str | None = None) -> Path:
    """The translation of `path` into the language in use (or `code`), else `path` itself."""
    code = code or language()
    other = beside(path, code)
    return other if code != ENGLISH and other.is_file() else path


def languages(folder: Path) -> set[str]:
    """The languages into which something in `folder`, or below it, is translated."""
    found = {split_name(path)[1] for path in folder.rglob("*.*.*")}
    return {code for code in found if code}


def split_name(path: Path) -> tuple[str, str]:
    """The name of the file that `path` translates, and the language; its own name and "" if none.

    >>> split_name(Path("statement.de.md"))
    ('statement.md', 'de')
    """
    stem, _, code = path.stem.rpartition(".")
    if not stem or path.suffix not in (".md", ".toml", ".py") or not CODE.fullmatch(code):
        return path.name, ""
    return f"{stem}{path.suffix}", code


def sections(text: str) -> dict[str, str]:
    """Heading (`## ...`) -> the text below it."""
    parts = HEADING.split(text)[1:]
    return {heading: body.strip() for heading, body in zip(parts[::2], parts[1::2], strict=True)}


@dataclass(frozen=True)
class Phrase:
    """A sentence with holes, and its translation."""

    english: str
    other: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the English sentence looks like once its holes are filled."""
        seen: set[str] = set()
        parts, end = [], 0
        for hole in HOLE.finditer(self.english):
            parts.append(_literal(self.english[end : hole.start()]))
            name, end = hole[1] or hole[2], hole.end()
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
        parts.append(_literal(self.english[end:]))
        return re.compile("".join(parts), re.DOTALL)

    @property
    def literal_pieces(self) -> list[str]:
        """What of the English sentence stands between its holes."""
        return [piece for piece in HOLE.sub("\0", self.english).split("\0") if piece.strip()]


def _literal(text: str) -> str:
    """A pattern for `text` in which a line may break at every blank."""
    words = [re.escape(word) for word in re.split(r"\s+", text)]
    return r"\s+".join(words)


class Phrasebook:
    """The sentences of an exercise, and of the judge, in another language."""

    def __init__(self, phrases: tuple[Phrase, ...]) -> None:
        # The most particular first: a sentence that is nothing but holes fits everything.
        by_length = sorted(phrases, key=lambda phrase: -len("".join(phrase.literal_pieces)))
        self._known = [(phrase.pattern, phrase) for phrase in by_length]

    def say(self, text: str) -> str | None:
        """`text` in the other language; None where it, or a sentence inside of it, is not known."""
        for pattern, phrase in self._known:
            if (match := pattern.fullmatch(text.strip())) and (said := self._filled(phrase, match)):
                return said
        return None

    def or_english(self, text: str) -> str:
        """`text` in the other language, paragraph by paragraph where it is not known as a whole."""
        if said := self.say(text):
            return said
        return "\n\n".join(self.say(part) or part for part in PARAGRAPHS.split(text))

    def _filled(self, phrase: Phrase, match: re.Match[str]) -> str | None:
        values = match.groupdict()
        for hole in HOLE.finditer(phrase.english):
            if hole[1]:
                said = self.say(values[hole[1]])
                if said is None:
                    return None
                values[hole[1]] = said
        return HOLE.sub(lambda hole: values.get(hole[1] or hole[2], hole[0]), phrase.other)


NO_PHRASES = Phrasebook(())


def phrasebook(folder: Path, code: str | None = None) -> Phrasebook:
    """The sentences of the exercise in `folder`; empty where its checks are not translated."""
    code = code or language()
    path = beside(folder / "checks.md", code)
    return _phrasebook(path, code) if code != ENGLISH and path.is_file() else NO_PHRASES


@cache
def _phrasebook(path: Path, code: str) -> Phrasebook:
    content = path.parents[3]  # lessons/LESSON/EXERCISE/checks.de.md
    judges = {folder / f"messages.{code}.md" for folder in (content, CONTENT)}
    return Phrasebook((*phrases(path), *(each for file in judges for each in phrases(file))))


def phrases(path: Path) -> tuple[Phrase, ...]:
    """The sections of a `checks.de.md` or `messages.de.md`; none where there is no such file."""
    if not path.is_file():
        return ()
    return tuple(Phrase(*pair) for pair in sections(regular_text(path)).items())


def translated_feedback(folder: Path, code: str | None = None) -> dict[str, str]:
    """Misconception -> its feedback in the language in use (or `code`), as far as it is translated."""
    original = folder / "misconceptions.md"
    path = translated(original, code)
    return {} if path == original else sections(regular_text(path))


def translations_in(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Every translated file right in `folder`: itself, the name that it translates, the language."""
    for path in sorted(folder.iterdir()):
        name, code = split_name(path)
        if code and path.is_file():
            yield path, name, code
