"""`torchcamp new`: a project of the learner's own, from the files in `content/project`."""

import keyword
import re
from pathlib import Path

from torchcamp.base.errors import UserError
from torchcamp.base.paths import PROJECT

FILES = ("model.py", "recipe.py", "test_model.py", "README.md")


def begin_project(name: str, parent: Path) -> list[Path]:
    """Write model, recipe, test and README of a project called `name` into `parent / name`.

    Raises:
        UserError: not a name for a Python module, or something of that name already exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UserError(
            f"{name!r} is not a module name: use lower-case letters, digits and _, such as mymodel"
        )
    folder = parent / name
    if folder.exists():
        raise UserError(f"{folder} already exists; nothing was written")
    title = "".join(part.capitalize() for part in name.split("_"))
    folder.mkdir(parents=True)
    written = []
    for file in FILES:
        text = (
            (PROJECT / file)
            .read_text(encoding="utf-8")
            .replace("mymodel", name)
            .replace("MyModel", title)
        )
        (folder / file).write_text(text, encoding="utf-8")
        written.append(folder / file)
    return written
