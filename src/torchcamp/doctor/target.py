"""Where a stranger's script is: `train.py`, `train.ipynb`, `train.py:function`, or, with `-m`, `package.module`.

Does not import torch: the process that starts the watched one need not wait for it.
"""

from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import ReadError
from torchcamp.base.files import MOST_SOURCE, require_regular


@dataclass(frozen=True, kw_only=True)
class Script:
    """What is run.

    Attributes:
        file: the script, the notebook, or the module's file.
        folder: what is mirrored: the folder it lies in, or the one above its package.
        module: its dotted name where it was asked for by `-m`.
        function: what to call after the file has run; empty for a script.
    """

    file: Path
    folder: Path
    module: str = ""
    function: str = ""


def find_script(target: str, *, module: bool = False) -> Script:
    """The script that a target names.

    Raises:
        ReadError: there is no such file or module, or it is not Python.
    """
    if module:
        return _find_module(target)
    where, _, function = target.partition(":") if ".py:" in target else (target, "", "")
    file = Path(where).expanduser().absolute()
    if file.suffix not in (".py", ".ipynb"):
        raise ReadError(
            f"{target} is not a script; give FILE.py, FILE.ipynb, FILE.py:function or -m package.module"
        )
    if not file.exists():
        raise ReadError(f"{where} does not exist")
    try:
        require_regular(file, MOST_SOURCE)
    except OSError as error:
        raise ReadError(f"cannot read {where}: {error.strerror}") from error
    if function and not function.isidentifier():
        raise ReadError(f"{function!r} is not the name of a function")
    here = Path.cwd()
    folder = here if here in file.parents and here != Path.home() else file.parent
    return Script(file=file, folder=folder, function=function)


def _find_module(name: str) -> Script:
    relative = Path(*name.split("."))
    for candidate in (relative.with_suffix(".py"), relative / "__main__.py"):
        if candidate.is_file():
            return Script(file=candidate.absolute(), folder=Path.cwd(), module=name)
    raise ReadError(f"cannot find the module {name} below {Path.cwd()}")
