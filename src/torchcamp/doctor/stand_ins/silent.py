"""Objects that accept whatever is done with them and do nothing: for drawing and logging."""

import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from typing import Any

import numpy as np


class Silent:
    """Any attribute, any call, any arithmetic: the result is another one of these."""

    def __init__(*args: Any, **kwargs: Any) -> None:  # a keyword may be called anything, even self
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return special(name) or Silent()

    def __call__(*args: Any, **kwargs: Any) -> Any:
        return Silent()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __getitem__(self, key: Any) -> "Silent":
        return Silent()

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    def __contains__(self, key: Any) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        return 0.0

    def __str__(self) -> str:
        return ""

    def __format__(self, spec: str) -> str:
        return ""

    def __add__(self, other: Any) -> "Silent":
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
    __iadd__ = __isub__ = __floordiv__ = __mod__ = __pow__ = __matmul__ = __add__

    def __neg__(self) -> "Silent":
        return self

    def __lt__(self, other: Any) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


def special(name: str) -> Any:
    """Functions whose results are unpacked, so that their number matters."""
    return {
        "subplots": _subplots,
        "plot": lambda *args, **kwargs: [Silent()],
        "semilogy": lambda *args, **kwargs: [Silent()],
        "hist": lambda *args, **kwargs: (Silent(), Silent(), Silent()),
        "pause": lambda *args, **kwargs: None,
        "show": lambda *args, **kwargs: None,
    }.get(name)


def _subplots(nrows: int = 1, ncols: int = 1, squeeze: bool = True, **kwargs: Any) -> Any:
    axes = np.empty((nrows, ncols), dtype=object)
    for row in range(nrows):
        for column in range(ncols):
            axes[row, column] = Silent()
    if not squeeze:
        return Silent(), axes
    return Silent(), axes[0, 0] if axes.size == 1 else axes.squeeze()


class SilentModule(types.ModuleType):
    """A module whose every name is silent, and whose every submodule is such a module."""

    def __init__(self, name: str, spec: ModuleSpec) -> None:
        super().__init__(name)
        self.__spec__ = spec  # torch asks whether packages are there, and dies without
        self.__path__ = []  # type: ignore[attr-defined] - it has submodules
        self.__version__ = "99.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        known = special(name)
        if known is not None:
            return known
        if name[0].isupper():  # a class: it may be inherited from
            made = type(name, (Silent,), {"__module__": self.__name__})
            setattr(self, name, made)
            return made
        return Silent()
