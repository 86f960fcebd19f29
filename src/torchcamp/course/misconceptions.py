"""Known wrong answers, written as differences: an exercise's `misconceptions.md`.

    ## uphill

    Caught by `check_first_step`. Catalogue: M4.

    Your step goes up the gradient. (What its author is told: Markdown of any length.)

    ```diff
    -    loss.backward()
    +    (-loss).backward()
    ```

One section for each. The line of data names the check that fails first and the entries of
`content/catalogue.toml` that the answer shows; `Catalogue:` is left out where there is none. The
last fenced block of the section is the answer; blocks before it belong to the feedback. It is one of

- ```` ```diff ````: changes to `solution.py`. Each line begins with a space (it stays), `-` (it goes)
  or `+` (it comes); an empty line is an empty line that stays. A line `@@` begins another hunk.
- ```` ```diff starter.py ````: the same, as changes to the starter of a bug hunt.
- ```` ```python ````: the whole answer, where little of the solution is left.

More blocks may follow, ```` ```diff variant ````, ```` ```diff starter.py variant ```` or
```` ```python variant ````: the same mistake written in another way, which gives other numbers. Whoever
observes like one of them is told the same.

Hunks have no line numbers: the lines that stay or go must occur, in this order, exactly once in the file.
If they do not, the file was changed without its misconception.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.files import regular_text

MISCONCEPTIONS = "misconceptions.md"  # the file, in an exercise's folder
BASES = ("solution.py", "starter.py")  # files of an exercise that a diff may change

HEADING = re.compile(r"## (\S.*)")
FENCE = re.compile(r" {0,3}(`{3,}(?!.*`)|~{3,})(.*)")
DATA = re.compile(r"Caught by `(\w+)`\.(?: Catalogue: ([A-Z]\d+(?:, [A-Z]\d+)*)\.)?")


@dataclass(frozen=True, kw_only=True)
class Misconception:
    """A runnable wrong answer.

    feedback: what its author is told, Markdown. caught_by: the check that fails first. catalogue:
    ids of the catalogue's entries that it shows, such as `V2`. source: the answer, Python.
    variants: the same mistake in other words, Python too.
    """

    name: str
    feedback: str
    caught_by: str
    catalogue: tuple[str, ...]
    source: str
    variants: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The first sentence of its feedback, on one line."""
        paragraph = " ".join(self.feedback.split("\n\n")[0].split())
        return re.split(r"(?<=[.?!]) ", paragraph)[0]

    @property
    def file_name(self) -> str:
        """What tracebacks and messages call its source, which is in no file of its own."""
        return f"{self.name}.py"

    @property
    def sources(self) -> dict[str, str]:
        """Its source and its variants, by what tracebacks call them."""
        others = {f"{self.name}-{n}.py": text for n, text in enumerate(self.variants, start=2)}
        return {self.file_name: self.source} | others


class Malformed(Exception):
    """A section that cannot be read; the message says why, in words for its author."""


def read_misconceptions(folder: Path) -> tuple[tuple[Misconception, ...], list[str]]:
    """The misconceptions of the exercise in `folder`; see `parse_misconceptions`.

    Raises:
        OSError: one of the files is missing.
    """
    files = {name: regular_text(folder / name) for name in BASES}
    return parse_misconceptions(regular_text(folder / MISCONCEPTIONS), files)


def parse_misconceptions(
    text: str, files: Mapping[str, str]
) -> tuple[tuple[Misconception, ...], list[str]]:
    """The misconceptions of a `misconceptions.md`, and what is wrong with those that are left out.

    Args:
        text: the text of the file.
        files: the text of each file that a diff may change, by name: see `BASES`.

    Returns:
        The misconceptions in the order of the file, and a sentence for each problem.
    """
    misconceptions: dict[str, Misconception] = {}
    problems: list[str] = []
    for heading, lines in _sections(text):
        if heading is None:
            if any(line.strip() for line in lines):
                problems.append("text before the first heading; a section begins with '## NAME'")
            continue
        if heading in misconceptions:
            problems.append(f"there are two sections `{heading}`")
            continue
        try:
            misconceptions[heading] = _read_section(heading, lines, files)
        except Malformed as error:
            problems.append(str(error))
    return tuple(misconceptions.values()), problems


def _sections(text: str) -> Iterator[tuple[str | None, list[str]]]:
    """Each heading with the lines below it; None for what comes before the first.

    A line that looks like a heading within a fenced block is a comment of some code.
    """
    heading: str | None = None
    lines: list[str] = []
    open_fence = ""
    for line in text.splitlines():
        open_fence = _fence_after(line, open_fence)
        match = None if open_fence else HEADING.fullmatch(line.rstrip())
        if match:
            yield heading, lines
            heading, lines = match.group(1), []
        else:
            lines.append(line)
    yield heading, lines


def _fence_after(line: str, open_fence: str) -> str:
    """The fence that is open after `line`, "" for none, given the one that was open before it.

    As in Markdown: a block ends with a fence of the same character, at least as long, on a line of
    its own.
    """
    match = FENCE.fullmatch(line.rstrip())
    if not match:
        return open_fence
    fence, info = match.groups()
    if not open_fence:
        return fence
    return "" if not info and fence.startswith(open_fence) else open_fence


def _read_section(name: str, lines: list[str], files: Mapping[str, str]) -> Misconception:
    """The misconception that a section describes.

    Raises:
        Malformed: something is missing, or its block does not fit.
    """
    if not re.fullmatch(r"[a-z]\w*", name):
        raise Malformed(f"`{name}` is not a name: use lower-case letters, digits and _")
    start, blocks = _answers(name, lines)
    data, _, feedback = "\n".join(lines[:start]).strip().partition("\n")
    match = DATA.fullmatch(data.rstrip())
    if not match:
        raise Malformed(
            f"`{name}` must begin with a line 'Caught by `check_NAME`.', and 'Catalogue: K10.' "
            "behind it where the catalogue has it"
        )
    if not feedback.strip():
        raise Malformed(f"`{name}` has no feedback for its author")
    source, *variants = (_source(name, info, block, files) for info, block in blocks)
    return Misconception(
        name=name,
        feedback=feedback.strip(),
        caught_by=match.group(1),
        catalogue=tuple(match.group(2).split(", ")) if match.group(2) else (),
        source=source,
        variants=tuple(variants),
    )


def _source(name: str, info: str, block: list[str], files: Mapping[str, str]) -> str:
    """The Python that a block of `name` stands for.

    Raises:
        Malformed: it does not fit its file, or is not Python.
    """
    if info == "python":
        source = "".join(line + "\n" for line in block)
    else:
        base = info.removeprefix("diff").strip() or "solution.py"
        source = _changed(name, block, base, files)
    try:
        ast.parse(source)
    except (SyntaxError, ValueError) as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else error
        raise Malformed(f"`{name}` is not Python: {where}") from error
    return source


def _answers(name: str, lines: list[str]) -> tuple[int, list[tuple[str, list[str]]]]:
    """The answer of a section and its variants: index of the first line, then what follows each fence
    (without `variant`) and the lines of each block.

    Raises:
        Malformed: there is none, one is never closed, is of another kind, or text follows.
    """
    open_fence, start = "", -1
    blocks: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        before, open_fence = open_fence, _fence_after(line, open_fence)
        if open_fence and not before:
            start = index
        elif before and not open_fence:
            blocks.append((start, index))
    if open_fence:
        raise Malformed(f"the last block of `{name}` is never closed")
    found: list[tuple[str, list[str]]] = []
    end = len(lines)
    for start, last in reversed(blocks):
        if any(line.strip() for line in lines[last + 1 : end]):
            break
        match = FENCE.fullmatch(lines[start].rstrip())
        assert match
        info = match.group(2).strip()
        found.insert(0, (info.removesuffix("variant").strip(), lines[start + 1 : last]))
        end = start
        if not info.endswith("variant"):
            if info not in ("python", "diff", *(f"diff {base}" for base in BASES)):
                raise Malformed(
                    f"the last block of `{name}` is its answer: ```diff, ```diff starter.py or ```python, "
                    f"not ```{info}"
                )
            return start, found
    raise Malformed(f"`{name}` must end with its answer, a block ```diff or ```python")


def _changed(name: str, block: list[str], base: str, files: Mapping[str, str]) -> str:
    """The text of the file `base` with the hunks of `block` applied.

    Raises:
        Malformed: a hunk does not fit at exactly one place.
    """
    lines = files[base].splitlines()
    hunks = list(_hunks(block))
    edits: list[tuple[int, int, list[str]]] = []  # from, to (not included), what takes their place
    for number, hunk in enumerate(hunks, start=1):
        which = f"the block of `{name}`" if len(hunks) == 1 else f"hunk {number} of `{name}`"
        for line in hunk:
            if line[:1] not in ("", " ", "-", "+"):
                raise Malformed(
                    f"{which} has a line that begins with none of ' ', '-', '+': {line}"
                )
        old = [line[1:] for line in hunk if line[:1] != "+"]
        new = [line[1:] for line in hunk if line[:1] != "-"]
        if old == new:
            raise Malformed(f"{which} changes nothing")
        if not any(line.strip() for line in old):
            raise Malformed(f"{which} only adds lines: give it a line of {base} that stays")
        places = [
            index
            for index in range(len(lines) - len(old) + 1)
            if lines[index : index + len(old)] == old
        ]
        if not places:
            raise Malformed(f"{which} is not in {base}")
        if len(places) > 1:
            raise Malformed(
                f"{which} fits in {len(places)} places of {base}: add a line from above or below"
            )
        edits.append((places[0], places[0] + len(old), new))
    edits.sort(key=lambda edit: edit[0])
    for (_, end, _), (start, _, _) in itertools.pairwise(edits):
        if start < end:
            raise Malformed(f"two hunks of `{name}` overlap: make them one")
    for start, end, new in reversed(edits):
        lines[start:end] = new
    return "".join(line + "\n" for line in lines)


def _hunks(block: list[str]) -> Iterator[list[str]]:
    """The lines of each hunk, which a line `@@` separates."""
    hunk: list[str] = []
    for line in block:
        if line.rstrip() == "@@":
            yield hunk
            hunk = []
        else:
            hunk.append(line)
    yield hunk
