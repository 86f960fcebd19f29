"""How a stranger's script is run under watch.

Its loops are rewritten in memory (see `loops`), and so are those of the modules that it imports from
beside it.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

from torchcamp.base.errors import ReadError
from torchcamp.doctor.loops import rewritten
from torchcamp.doctor.target import Script
from torchcamp.reading.notebooks import source_of
from torchcamp.reading.stack import is_user_file


def run_script(script: Script, argv: Sequence[str]) -> None:
    """Run it as Python would, as the module `__main__`; with a function, call that afterwards."""
    sys.argv = [str(script.file), *argv]
    name = "__main__" if not script.function else script.file.stem
    module = types.ModuleType(name)
    module.__file__ = str(script.file)
    module.__dict__["__builtins__"] = __builtins__
    if script.module:
        package = (
            script.module if script.file.name == "__main__.py" else script.module.rpartition(".")[0]
        )
        module.__package__ = package
        module.__spec__ = ModuleSpec(script.module, None, origin=str(script.file))
    sys.path[0:0] = [str(script.folder if script.module else script.file.parent)]
    sys.modules[name] = module  # pickle and dataclasses look their module up
    exec(_compiled(source_of(script.file), str(script.file)), vars(module))
    if script.function:
        if not callable(vars(module).get(script.function)):
            raise ReadError(f"{script.file.name} has no function {script.function!r}")
        vars(module)[script.function]()


def _compiled(source: str, file: str) -> types.CodeType:
    return compile(rewritten(ast.parse(source, file), file), file, "exec", dont_inherit=True)


class LocalModules(importlib.abc.MetaPathFinder):
    """Import the user's own modules with their loops rewritten."""

    def __init__(self, folder: Path) -> None:
        self._inside = str(folder) + os.sep

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if (
            spec is None
            or spec.origin is None
            or not spec.origin.endswith(".py")
            or not os.path.abspath(spec.origin).startswith(self._inside)
            or not is_user_file(spec.origin)
        ):
            return None
        spec.loader = _Rewriting(fullname, os.path.abspath(spec.origin))
        return spec


class _Rewriting(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> types.CodeType:
        return _compiled(self.get_data(self.path).decode("utf-8-sig"), self.path)
