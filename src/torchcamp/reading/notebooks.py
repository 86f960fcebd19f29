"""A notebook's code cells as the text of one script."""

import ast
import json
import sys
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ReadError


def source_of(file: Path) -> str:
    """The text of a script; of a notebook its code cells, one after the other.

    Lines of a notebook that are not Python (`%matplotlib inline`, `!pip install x`) become comments.

    Raises:
        ReadError: it cannot be read, or is not Python.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            code = [cell for cell in cells if cell.get("cell_type") == "code"]
            text = (
                "\n\n".join(f"# Cell {n}\n{_cell(cell)}" for n, cell in enumerate(code, 1)) + "\n"
            )
        ast.parse(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ReadError(f"{file.name} cannot be read: {error}") from error
    except (SyntaxError, ValueError) as error:
        raise ReadError(f"{file.name} is not Python {sys.version_info[0]}: {error}") from error
    return text


def as_script(notebook: Path, folder: Path) -> Path:
    """Write a notebook's code into `folder`, as a script of the same name.

    Raises:
        ReadError: it cannot be read, or is not Python.
    """
    script = folder / f"{notebook.stem}.py"
    script.write_text(source_of(notebook), encoding="utf-8")
    return script


def _cell(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else str(source)
    if text.lstrip().startswith("%%"):
        return "\n".join(f"# {line}" for line in text.splitlines())
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}pass  # {line.lstrip()}"
        if line.lstrip().startswith(("%", "!"))
        else line
        for line in text.splitlines()
    )
