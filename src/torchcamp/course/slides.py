"""A lesson as slides for a projector: one HTML file, which needs no server and no network.

The lesson's cells are run as a notebook would run them, and what they show is kept: text, formulas,
questions, quoted code, and the schematic picture, which stays alive. Figures that need Python are named.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import latex2mathml.converter
from markdown_it import MarkdownIt
from markupsafe import Markup

from torchcamp.course.content import Lesson, course
from torchcamp.course.jupyter import Stack, Text
from torchcamp.course.notebook import cells_of
from torchcamp.pages.page import embedded_json, render_page
from torchcamp.widgets.question import Question
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 4  # of a schematic picture
LEFT_OUT = ("lesson.exercise(", "lesson.training(")


@dataclass(kw_only=True)
class Slide:
    """A heading and what stands under it; `schema` is the data of a picture that stays alive."""

    title: str = ""
    parts: list[Markup] = field(default_factory=list)
    schema: Any = None


def slides(lesson: Lesson) -> str:
    """The page."""
    number = 1 + course().lessons.index(lesson)
    made = list(_slides(lesson))
    schema = next((widget for widget in (each.schema for each in made) if widget), None)
    return render_page(
        "course/slides.html",
        title=lesson.title,
        lesson=lesson,
        number=number,
        slides=[(each, _data(each.schema) if each.schema else None) for each in made],
        exercises=course().core(lesson),
        script=Markup(schema._esm.replace("export default", "const widget =")) if schema else "",
        schema_style=Markup(schema._css) if schema else "",
    )


def _slides(lesson: Lesson) -> Iterator[Slide]:
    """What the lesson shows, begun anew at each heading, question and picture."""
    slide = Slide()
    for shown in _shown(lesson):
        if isinstance(shown, Text):
            for title, text in _sections(shown.text):
                if title:
                    yield from _if_filled(slide)
                    slide = Slide(title=title)
                if text:
                    slide.parts.append(as_html(text))
        elif isinstance(shown, Schema):
            slide.schema = shown
            yield slide
            slide = Slide()
        elif isinstance(shown, Question):
            yield from _if_filled(slide)
            yield Slide(title="What do you think?", parts=[_question(shown)])
            slide = Slide()
        elif hasattr(shown, "_repr_html_") and not hasattr(shown, "_esm"):
            slide.parts.append(Markup(shown._repr_html_()))
        elif shown is not None:
            slide.parts.append(Markup('<p class="live">Live figure: show it in the lesson.</p>'))
    yield from _if_filled(slide)


def _if_filled(slide: Slide) -> Iterator[Slide]:
    if slide.parts:
        yield slide


def _shown(lesson: Lesson) -> Iterator[Any]:
    """What the cells show, in order; exercises and trainings are left out."""
    names: dict[str, Any] = {}
    for cell in cells_of(lesson)[1:]:
        if cell.kind == "markdown" and cell.text.startswith("# "):
            continue  # the title has a slide of its own
        if cell.kind == "markdown":
            yield Text(cell.text)
        elif not any(each in cell.text for each in LEFT_OUT):
            yield from _flat(_run(cell.text, names))


def _run(code: str, names: dict[str, Any]) -> Any:
    """Run a cell; the value of its last line, if that is an expression."""

    tree = ast.parse(code)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, "<lesson>", "exec"), names)
        return None
    exec(compile(ast.Module(tree.body[:-1], []), "<lesson>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<lesson>", "eval"), names)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, Stack):
        for item in value.items:
            yield from _flat(item)
    else:
        yield value


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Heading and text of each part of Markdown; the first may have no heading."""
    parts = re.split(r"^#{1,3} +(.+)$", text, flags=re.MULTILINE)
    yield "", parts[0].strip()
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        yield title.strip(), body.strip()


def _question(question: Question) -> Markup:
    options = Markup("").join(Markup("<li>{}</li>").format(each) for each in question.options)
    answer = Markup("")
    if question.right >= 0:
        answer = Markup(
            "<details><summary>The answer</summary><p><b>{}</b> {}</p></details>"
        ).format(question.options[question.right], question.explanation)
    return Markup('<p class="asked">{}</p><ol class="options">{}</ol>{}').format(
        question.prompt, options, answer
    )


def _data(schema: Schema) -> Markup:
    """The state of a schematic picture, with the answers for its first examples."""
    count = min(NUM_EXAMPLES, schema.setup["examples"])
    answers = [schema._answer({"example": number})[0] for number in range(count)]
    return embedded_json(
        {
            "state": schema.state,
            "setup": {**schema.setup, "examples": count},
            "texts": schema.texts,
            "opening": answers[0],
            "arrays": [],
            "answers": answers,
        }
    )


# --- Markdown with formulas -----------------------------------------------------------------------

_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$\w])\$([^$\n]+?)\$(?![\w$])", re.DOTALL)
_TOKEN = "\ue000{}\ue001"


def as_html(text: str) -> Markup:
    """Markdown as HTML, its formulas as MathML; raw HTML in it is kept, for it is ours."""
    formulas: list[str] = []

    def keep(match: re.Match[str]) -> str:
        display = "block" if match.group(1) else "inline"
        latex = (match.group(1) or match.group(2)).strip()
        formulas.append(latex2mathml.converter.convert(latex, display=display))
        return _TOKEN.format(len(formulas) - 1)

    html = _markdown().render(_FORMULA.sub(keep, text))
    return Markup(re.sub("\ue000(\\d+)\ue001", lambda m: formulas[int(m.group(1))], html))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table")
