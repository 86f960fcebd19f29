"""Self-contained, escaped, offline pages: templates, one style sheet, embedded pictures.

Run reports, the course's home, readings and comparisons are all rendered here, so that they look
alike, in light and in dark mode.
"""

import base64
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from torchcamp.base.look import tokens
from torchcamp.base.terminal import clean
from torchcamp.pages.numbers import heading, minutes_in_words, name_in_words, times

HERE = Path(__file__).parent
PACKAGE = HERE.parent


def render_page(template: str, **values: Any) -> str:
    """The template as one HTML file with the style sheet inside.

    Values are escaped, and control characters and marks that turn the direction of writing replaced.

    Args:
        template: its path inside the package, such as `evaluation/report.html`; each template
            lies next to the code that fills it.
    """
    return clean(_environment().get_template(template).render(style=style_sheet(), **values))


def render_part(template: str, **values: Any) -> str:
    """A template that is a part of a page, without the style sheet."""
    return _environment().get_template(template).render(**values)


@cache
def style_sheet() -> Markup:
    """The tokens, and the shapes that all pages share."""
    return Markup(tokens() + (HERE / "style.css").read_text(encoding="utf-8"))


def data_uri(content: bytes, media_type: str) -> str:
    """`content` as a `data:` address, which needs no file and no network."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def embedded_json(value: Any) -> Markup:
    """`value` as JSON that is safe inside a script element."""
    text = json.dumps(value)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def seconds_in_words(seconds: float) -> str:
    """`8.2 s`, `3 min 20 s`, `1 h 12 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def day(moment: str) -> str:
    """`26 November 2026, 16:56` from an ISO date with its time."""
    when = datetime.fromisoformat(moment)
    return f"{when.day} {when:%B %Y, %H:%M}"


def class_name(name: str) -> Markup:
    """A class's name within a line or three: cut after 40 characters, and broken after `_`."""
    short = name if len(name) <= 40 else f"{name[:39]}…"
    return escape(short).replace("_", Markup("_<wbr>"))


def with_code(sentence: str) -> Markup:
    """A sentence as HTML, with what stands in backticks as code."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(sentence.split("`"))
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share, places=2: f"{100 * share:.{places}f} %"
    environment.filters["day"] = day
    environment.filters["seconds"] = seconds_in_words
    environment.filters["minutes"] = minutes_in_words
    environment.filters["times"] = times
    environment.filters["in_words"] = name_in_words
    environment.filters["heading"] = heading
    environment.filters["with_code"] = with_code
    environment.filters["class_name"] = class_name
    environment.filters["embedded_json"] = embedded_json
    return environment
