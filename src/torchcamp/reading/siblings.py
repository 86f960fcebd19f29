"""Import the modules that lie beside the one that is read in slices, as that one is.

A sibling script without a main guard would train and open files when it is imported.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

from torchcamp.base.paths import PACKAGE
from torchcamp.reading.slicing import SlicedModule, begin, slice_of
from torchcamp.reading.stack import is_user_file


class Siblings(importlib.abc.MetaPathFinder):
    """Finds the user's own modules: in the folders that are added, and in those that a script adds.

    What is installed, or on the search path from the start, is left to Python.
    """

    def __init__(self) -> None:
        self._installed = {os.path.realpath(folder) for folder in sys.path}

    def add(self, folders: Iterable[Path]) -> None:
        """The modules in these folders, and in packages there, are the user's."""
        self._installed -= {os.path.realpath(folder) for folder in folders}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not self._is_users(fullname, spec.origin):
            return None
        spec.loader = _Loader(fullname, spec.origin)
        return spec

    def _is_users(self, name: str, origin: str) -> bool:
        file = Path(os.path.realpath(origin))
        if file.suffix != ".py" or not is_user_file(str(file)) or file.is_relative_to(PACKAGE):
            return False
        top = file.parents[name.count(".") + (file.name == "__init__.py")]
        return str(top) not in self._installed


class _Loader(importlib.machinery.SourceFileLoader):
    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return SlicedModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        assert isinstance(module, SlicedModule)
        begin(module, ast.parse(self.get_data(self.path), self.path)).register(is_sliced)


def is_sliced(name: str) -> bool:
    """Whether a module, by its name as an import writes it, is one of the user's."""
    if name.startswith("."):
        return True
    top = name.partition(".")[0]
    if top in sys.modules:
        return slice_of(top) is not None
    return any(
        isinstance(finder, Siblings) and finder.find_spec(top, None) is not None
        for finder in sys.meta_path
    )


def import_in_slices(folders: Iterable[Path]) -> None:
    """From now on, import the modules of these folders in slices, before they are searched."""
    finder = next((f for f in sys.meta_path if isinstance(f, Siblings)), None)
    if finder is None:
        finder = Siblings()
        sys.meta_path.insert(0, finder)
    finder.add(folders)


def sliced_modules() -> dict[str, tuple[int, int]]:
    """How many statements of each sliced module ran, and how many it has, by the module's file."""
    return {
        str(module.__file__): (len(own.ran), len(own.statements))
        for name, module in list(sys.modules.items())
        if (own := slice_of(name)) is not None
    }
