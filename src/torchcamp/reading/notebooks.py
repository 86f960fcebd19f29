"""A notebook's code cells as the text of one script."""

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ReadError
from torchcamp.base.files import MOST_SOURCE, require_regular

CELL = "# Cell "
PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun")  # magics above a cell of Python
MAGIC_HELP = re.compile(r"[\w.]+\?{1,2}")  # `torch.cat?`
MAGIC_VALUE = re.compile(r"(\s*[\w., ]+=\s*)(?=[!%])")  # `files = !ls`


def source_of(file: Path) -> str:
    """The text of a script; of a notebook its code cells, one after the other.

    Lines of a notebook that are not Python (`%matplotlib inline`, `!pip install x`) become comments.

    Raises:
        ReadError: it cannot be read, or is not Python.
    """
    try:
        require_regular(file, MOST_SOURCE)
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            code = [cell for cell in cells if cell.get("cell_type") == "code"]
            text = "\n\n".join(f"{CELL}{n}\n{_cell(cell)}" for n, cell in enumerate(code, 1)) + "\n"
        ast.parse(text)
    except OSError as error:
        raise ReadError(f"{file.name} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ReadError(f"{file.name} cannot be read: {error}") from error
    except (MemoryError, RecursionError) as error:  # of the parser
        raise ReadError(f"{file.name} is nested too deep to be read") from error
    except (SyntaxError, ValueError) as error:
        raise ReadError(f"{file.name} is not Python {sys.version_info[0]}: {error}") from error
    return text


def cells_of(file: Path) -> dict[int, int]:
    """The line of a notebook's text that each code cell begins on: its number and its line."""
    return _cells(source_of(file)) if file.suffix == ".ipynb" else {}


def cell_of(text: str, line: int) -> tuple[int, int] | None:
    """The code cell that a line of a notebook's text lies in, and its line within the cell, both from 1."""
    before = [(cell, first) for cell, first in _cells(text).items() if first <= line]
    if not before:
        return None
    cell, first = before[-1]
    return cell, line - first + 1


def _cells(text: str) -> dict[int, int]:
    return {
        int(line.removeprefix(CELL)): number + 1
        for number, line in enumerate(text.splitlines(), 1)
        if line.startswith(CELL) and line.removeprefix(CELL).isdigit()
    }


def _cell(cell: dict[str, Any]) -> str:
    """The code of a cell; what IPython alone understands becomes a comment."""
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else str(source)
    first = text.lstrip().partition("\n")[0].split(" ")[0]
    if first.startswith("%%") and first not in PYTHON_CELLS:
        return "\n".join(f"# {line}" for line in text.splitlines())
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return "\n".join(map(_line, text.splitlines()))
    return text  # a line that begins with % goes on from the one before


def _line(line: str) -> str:
    bare = line.lstrip()
    indent = line[: len(line) - len(bare)]
    if bare.startswith(("%", "!", "?")) or MAGIC_HELP.fullmatch(bare):
        return f"{indent}pass  # {bare}"
    assigned = MAGIC_VALUE.match(line)
    return f"{assigned[1]}[]  # {line[assigned.end(1) :]}" if assigned else line
