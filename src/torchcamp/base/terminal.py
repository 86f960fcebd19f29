"""The one door to a terminal: text that comes from outside is cleaned on its way.

Names of files, classes and runs, messages of exceptions and texts that a model learned may hold
escape sequences, which set a terminal's title or its clipboard, or square brackets, which rich would
take for markup. So nothing is printed but through `echo` and an `open_console`.
"""

import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult

MOST = 2000  # characters of one message; results are not cut
# Controls but tab and newline, marks that turn the direction of writing, halves of characters.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str, most: int | None = None) -> str:
    """`text` without control characters, and cut after `most` characters where a number is given.

    >>> clean("a\\x1b[31mb")
    'a�[31mb'
    """
    if most is not None and len(text) > most:
        text = f"{text[:most]} ... ({len(text) - most:,} more characters)"
    return UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def echo(text: object = "", end: str = "\n", file: TextIO | None = None) -> None:
    """Print `text` cleaned, on standard output if no `file` is given."""
    print(clean(str(text)), end=end, file=file or sys.stdout, flush=True)


def open_console(**options: Any) -> "Console":
    """A rich console that takes no markup in texts, and cleans whatever it shows.

    Styles are given as `style=` or as `rich.text.Text`.
    """
    from rich.console import Console

    made = Console(markup=False, emoji=False, **options)
    made.push_render_hook(cast("RenderHook", _Cleaning()))
    return made


class _Cleaning:
    """A render hook of rich's: everything printed is rendered, then cleaned piece by piece."""

    def process_renderables(
        self, renderables: "list[ConsoleRenderable]"
    ) -> "list[ConsoleRenderable]":
        return [_Cleaned(each) for each in renderables]


class _Cleaned:
    def __init__(self, renderable: "ConsoleRenderable") -> None:
        self.renderable = renderable

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        pieces: Iterable[Segment] = console.render(self.renderable, options)
        for text, style, control in pieces:
            # Removed, not replaced: rich counts no width for them, and columns stay aligned.
            yield Segment(text if control else UNSAFE.sub("", text), style, control)

    def __rich_measure__(self, console: "Console", options: "ConsoleOptions") -> Any:
        from rich.measure import Measurement

        return Measurement.get(console, options, self.renderable)
