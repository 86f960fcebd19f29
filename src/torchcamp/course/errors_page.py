"""The known errors as a page, "Errors you will meet", and as Markdown for docs/errors.md."""

from dataclasses import dataclass

from markupsafe import Markup

from torchcamp.course.known_errors import Explanation, KnownError, example_of, known_errors
from torchcamp.pages.page import render_page, with_code
from torchcamp.reading.page import coloured

HEAD = """\
# Errors you will meet

PyTorch's commonest error messages, each with an example that raises it, what it means, what usually
causes it and how to mend it. In the terminal, `torchcamp explain "MESSAGE"` says the same with the numbers
of your own message, and `python train.py 2>&1 | torchcamp explain` reads a whole traceback.

Written by `make errors` from `src/torchcamp/content/errors.toml`; every example is run by the tests, with
torch 2.13 on a CPU.
"""


@dataclass(frozen=True, kw_only=True)
class Card:
    """An error, ready for the template."""

    error: KnownError
    explanation: Explanation
    means: Markup
    numbers: list[Markup]
    causes: list[Markup]
    mend: list[Markup]
    next: list[Markup]
    example: Markup
    mended: Markup


def errors_page(*, in_course: bool = False) -> str:
    """The page, one file.

    Args:
        in_course: it is shown by the course's server, so lessons and the home page can be linked.
    """
    cards = [_card(error) for error in known_errors().values()]
    return render_page(
        "course/errors.html",
        title="Errors you will meet",
        in_course=in_course,
        groups={
            group: [card for card in cards if card.error.group == group]
            for group in dict.fromkeys(card.error.group for card in cards)
        },
        patterns={
            card.error.name: [in_javascript(p) for p in card.error.patterns] for card in cards
        },
        num_errors=len(cards),
    )


def in_javascript(pattern: str) -> str:
    """The pattern as JavaScript writes it: named groups lose their P."""
    return pattern.replace("(?P<", "(?<")


def errors_markdown() -> str:
    """The text of docs/errors.md."""
    parts = [HEAD]
    group = ""
    for error in known_errors().values():
        if error.group != group:
            group = error.group
            parts.append(f"## {group}\n")
        parts.append(_markdown(example_of(error)))
    return "\n".join(parts)


def _markdown(explanation: Explanation) -> str:
    error = explanation.error
    parts = [f"### {error.title}\n", f"```text\n{error.message}\n```\n"]
    parts.append(" ".join(explanation.means) + "\n")
    if explanation.numbers:
        parts.append("".join(f"- {each}\n" for each in explanation.numbers))
    parts.append("Usual causes, the likeliest first:\n")
    parts.append("".join(f"{n}. {each}\n" for n, each in enumerate(explanation.causes, start=1)))
    parts.append(f"**What to do:** {' '.join(explanation.mend)}\n")
    parts.append(f"**Look at next:** {' '.join(explanation.next)}\n")
    parts.append(f"```python\n# raises it\n{error.example}\n```\n")
    parts.append(f"```python\n# mended\n{error.mended}\n```\n")
    parts.append(f"`torchcamp explain {error.name}`; lesson: {explanation.lesson_title}\n")
    return "\n".join(parts)


def _card(error: KnownError) -> Card:
    explanation = example_of(error)
    return Card(
        error=error,
        explanation=explanation,
        means=with_code(" ".join(explanation.means)),
        numbers=[with_code(each) for each in explanation.numbers],
        causes=[with_code(each) for each in explanation.causes],
        mend=[with_code(each) for each in explanation.mend],
        next=[with_code(each) for each in explanation.next],
        example=_code(error.example, error.mended),
        mended=_code(error.mended, error.example),
    )


def _code(text: str, other: str) -> Markup:
    """Code in colours, with a mark on the lines that the other version does not have, comments aside."""
    lines, theirs = text.splitlines(), [_bare(line) for line in other.splitlines()]
    return Markup("\n").join(
        Markup(html if _bare(line) in theirs else f"<mark>{html}</mark>")
        for line, html in zip(lines, coloured(text)[: len(lines)], strict=True)
    )


def _bare(line: str) -> str:
    """A line without its comment."""
    return line.partition("  #")[0]
