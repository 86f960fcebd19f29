"""The glossary: the words of the field, each with the lesson that teaches it.

A lesson's words stand beside it, in `lessons/NAME/terms.toml`: the lesson that teaches a word is the
one whose folder holds it.
"""

import html
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from torchcamp.base.errors import ContentError
from torchcamp.base.files import regular_text
from torchcamp.course.content import Lesson, lessons
from torchcamp.pages.page import render_page


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of the field.

    also: its other forms in a text. text: what it means, in a sentence or two. taught_in: the lesson.
    """

    name: str
    text: str
    taught_in: str
    also: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        return (self.name, *self.also)


def terms() -> tuple[Term, ...]:
    """All terms, in the order of the course.

    Raises:
        ContentError: a file cannot be read, or two lessons teach the same word.
    """
    return _all_terms(lessons())


@cache
def _all_terms(course: tuple[Lesson, ...]) -> tuple[Term, ...]:
    found = [term for lesson in course for term in _terms_of(lesson)]
    seen: dict[str, str] = {}
    for term in found:
        for form in term.forms:
            if form.lower() in seen:
                where = f"{seen[form.lower()]} and {term.taught_in}"
                raise ContentError(f"terms.toml: {form!r} is taught in {where}; it may stand once")
            seen[form.lower()] = term.taught_in
    return tuple(found)


def _terms_of(lesson: Lesson) -> list[Term]:
    path = lesson.path.with_name("terms.toml")
    if not path.exists():
        return []
    try:
        entries = tomllib.loads(regular_text(path)).get("term", [])
        return [
            Term(**(entry | {"also": tuple(entry.get("also", ())), "taught_in": lesson.name}))
            for entry in entries
        ]
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ContentError(f"lesson {lesson.name}: terms.toml: {error}") from error


@cache
def _pattern(known: tuple[Term, ...]) -> tuple[re.Pattern[str], dict[str, Term]]:
    """A pattern of all forms, the longest first, and the term of each form in lower case."""
    by_form = {form.lower(): term for term in known for form in term.forms}
    longest_first = sorted(by_form, key=len, reverse=True)
    # A line may end within a term; and without any term nothing matches.
    patterns = [re.escape(form).replace(r"\ ", r"\s+") for form in longest_first] or [r"(?!)"]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])", re.IGNORECASE), by_form


def mentions(text: str) -> Iterator[tuple[str, Term]]:
    """The terms that plain `text` uses: the words as they stand there, and the term."""
    pattern, by_form = _pattern(terms())
    for match in pattern.finditer(text):
        yield match.group(), by_form[_form(match.group())]


def _form(words: str) -> str:
    """Words of a text as a key: in lower case, with single blanks."""
    return " ".join(words.lower().split())


_TAG = re.compile(r"(<[^>]+>)")
_OPAQUE = ("code", "pre", "a", "h1", "h2", "h3", "h4", "marimo-tex", "svg", "script", "style")


def with_terms(page: str, titles: dict[str, str]) -> str:
    """HTML in which each term carries its explanation where it first stands.

    Code, formulas, links and headings stay as they are.

    Args:
        page: HTML, such as a block of a lesson.
        titles: the title of each lesson by name, for "taught in".
    """
    pattern, by_form = _pattern(terms())
    seen: set[str] = set()

    def explain(match: re.Match[str]) -> str:
        term = by_form[_form(html.unescape(match.group()))]
        if term.name in seen:
            return match.group()
        seen.add(term.name)
        taught = html.escape(titles[term.taught_in])
        return (
            f'<span class="term" tabindex="0">{match.group()}<span class="meaning" role="tooltip">'
            f"<b>{html.escape(term.name)}</b> {html.escape(term.text)}"
            f"<i>Taught in: {taught}</i></span></span>"
        )

    parts, opaque = [], 0
    for piece in _TAG.split(page):
        if piece.startswith("<"):
            name = re.match(r"</?\s*([\w-]+)", piece)
            if name and name.group(1).lower() in _OPAQUE and not piece.endswith("/>"):
                opaque += -1 if piece.startswith("</") else 1
            parts.append(piece)
        else:
            parts.append(piece if opaque else pattern.sub(explain, piece))
    return "".join(parts)


def glossary_page() -> str:
    """All terms by letter, each with its lesson, as one page of the course."""
    letters: dict[str, list[Term]] = {}
    for term in sorted(terms(), key=lambda term: term.name.lower()):
        letters.setdefault(term.name[0].upper(), []).append(term)
    return render_page(
        "course/glossary.html",
        title="Glossary",
        letters=letters,
        titles={lesson.name: lesson.title for lesson in lessons()},
        num_terms=len(terms()),
    )
