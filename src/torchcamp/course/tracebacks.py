"""Errors in a pasted text: the message, and the line of the user's own code that it came from.

Read are Python's tracebacks, IPython's and Jupyter's, with or without colours, those of pytest, and what
a DataLoader's worker or a distributed launcher puts around them.
"""

import re
from dataclasses import dataclass

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
# Put in front of each line by pytest and by torchrun.
MARGIN = re.compile(r"^(?:E {3}|\[rank\d+\]: ?)")
# `RuntimeError: ...`, `torch.cuda.OutOfMemoryError: ...`: a name without blanks, then the message
ERROR = re.compile(r"^(?P<type>(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Warning))(?::|$)")
FRAMES = tuple(
    re.compile(pattern)
    for pattern in (
        r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)',  # Python
        r"^\s*File (?P<file>[^\s\"]+?):(?P<line>\d+)(?:, in |$)",  # IPython
        r"^(?P<file>(?:Cell )?In ?\[\d+\]), line (?P<line>\d+)",  # IPython, a cell
        r"^(?P<file>Input In \[\d+\]), in <cell line: (?P<line>\d+)>",  # older IPython
        r"^(?P<file>\S+\.py):(?P<line>\d+): (?:\w*(?:Error|Warning)\b|in )",  # pytest, a warning
    )
)
ARROW = re.compile(r"^-+> *(?P<line>\d+) (?P<code>.*)$")  # IPython marks the line with ----> 5
# Between two tracebacks of one chain, and around what a worker sends.
CHAIN = re.compile(
    r"^(?:During handling of the above exception|The above exception was the direct cause"
    r"|Original Traceback|Traceback \(most recent call last\))"
)
LIBRARY = re.compile(
    r"site-packages|dist-packages|[\\/]lib[\\/]python\d|[\\/]Lib[\\/](?!site)|^<(?!stdin|ipython)"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of the user's own code; `code` is its text, where the traceback shows it."""

    file: str
    line: int
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One error: its message with the type in front, and the user's line that is nearest to it."""

    message: str
    place: Place | None = None


def failures(text: str) -> list[Failure]:
    """The errors in a text, the last one last; at least one: without a traceback, the text itself."""
    lines = [MARGIN.sub("", line) for line in ESCAPES.sub("", text).splitlines()]
    found: list[Failure] = []
    places: list[Place] = []
    number = 0
    while number < len(lines):
        if place := _place(lines, number):
            places.append(place)
        elif ERROR.match(lines[number]):
            end = _end(lines, number)
            message = "\n".join(lines[number:end]).strip()
            found.append(Failure(message=message, place=_own(places)))
            number = end
            continue
        number += 1
    return found or [Failure(message="\n".join(lines).strip(), place=_own(places))]


def _end(lines: list[str], start: int) -> int:
    """The line after a message, which may go on below its first line."""
    end = start + 1
    while end < len(lines) and not (
        ERROR.match(lines[end]) or CHAIN.match(lines[end]) or _place(lines, end)
    ):
        end += 1
    return end


def _place(lines: list[str], number: int) -> Place | None:
    match = next((match for frame in FRAMES if (match := frame.match(lines[number]))), None)
    if match is None:
        return None
    line = int(match["line"])
    following = lines[number + 1 : number + 12]
    arrows = (ARROW.match(each) for each in following)
    marked = next((arrow for arrow in arrows if arrow and int(arrow["line"]) == line), None)
    if marked:
        code = marked["code"]
    else:
        code = following[0] if following and following[0].startswith("    ") else ""
    return Place(file=match["file"], line=line, code=code.strip())


def _own(places: list[Place]) -> Place | None:
    """The last place that is in no library."""
    return next((each for each in reversed(places) if not LIBRARY.search(each.file)), None)
