"""The user's functions that are running, and the innermost statement among them."""

import os
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn

from torchcamp.base import moved
from torchcamp.reading.documentation import page_of_module
from torchcamp.reading.places import Invocation, LayerTally, Place, Tally
from torchcamp.reading.statements import Statement, Statements, statements_of

TORCH = str(Path(torch.__file__).parent) + os.sep
SEQUENTIAL = nn.Sequential.forward.__code__
MODULE_CALL = nn.Module._call_impl.__code__
_LIBRARIES = tuple(
    {
        os.path.realpath(sysconfig.get_paths()[name]) + os.sep
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    | {TORCH, str(Path(__file__).parent) + os.sep, moved.__file__}  # `moved` hooks into imports
)


def is_user_file(file: str) -> bool:
    """Whether a file is the user's own, not one of a library's or of this package's reader."""
    return not file.startswith(("<", *_LIBRARIES)) and not os.path.realpath(file).startswith(
        _LIBRARIES
    )


@dataclass
class Running:
    """A watched function that is on the stack."""

    call: Invocation
    statements: Statements
    merged: bool
    """A comprehension or lambda: part of the statement around it."""
    statement: Statement | None = None
    """The statement being run; None before the first one, and after one that failed."""
    place: Place | None = None
    """Where that is: made once, for this is hot."""
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Its tensors by name, before the statement: id and version."""


class Stack:
    """The watched functions on the stack, and the `nn.Sequential` layers among them.

    Args:
        is_user: whether a file is watched.
        modules: display names of modules, by `id`.
        tallies: where the calls of each layer are counted.
    """

    def __init__(
        self,
        is_user: Callable[[str], bool],
        modules: Mapping[int, str],
        tallies: dict[Place, Tally],
    ) -> None:
        self.is_user = is_user
        self.modules = modules
        self.frames: dict[FrameType, Running] = {}
        self.files = _Files(is_user)
        self._tallies = tallies
        self._layers: dict[int, tuple[int, str]] = {}  # id of a Sequential's frame -> its layer

    def place_of(self, frame: FrameType | None) -> Place | None:
        """The innermost watched statement from `frame` upwards, and its layer where one runs."""
        layer = ""
        while frame is not None:
            running = self.frames.get(frame)
            if running is not None:
                break
            if not layer and frame.f_code is SEQUENTIAL:
                layer = self._layers.get(id(frame), (0, ""))[1]
            frame = frame.f_back
        else:
            return None
        statement = running.statements.at(frame.f_lineno)
        if statement is None:
            return None
        return Place(frame.f_code.co_filename, statement.line, running.call.number, layer)

    def enter_sequential(self, frame: FrameType) -> None:
        """An `nn.Sequential` begins: none of its layers runs yet."""
        self._layers[id(frame)] = (-1, "")

    def enter_module(self, frame: FrameType) -> None:
        """A module is called; where an `nn.Sequential` calls it, it gets a row of its own."""
        container = frame.f_back.f_back if frame.f_back else None  # past `_wrapped_call_impl`
        if container is None or container.f_code is not SEQUENTIAL:
            return
        index = self._layers.get(id(container), (-1, ""))[0] + 1
        owner = container.f_locals["self"]
        keys = list(owner._modules)
        if index >= len(keys):
            return
        module = owner._modules[keys[index]]
        prefix = self.modules.get(id(owner), "")
        path = f"{prefix}.{keys[index]}" if prefix else keys[index]
        self._layers[id(container)] = (index, path)
        around = self.place_of(container)
        if around is not None and not isinstance(module, nn.Sequential):
            layers = self._tallies[around.statement].layers
            layer = layers.setdefault(
                path, LayerTally(_describe(module), page=page_of_module(type(module)))
            )
            layer.end_call()
            layer.calls += 1


class _Files(dict[str, Statements | None]):
    """The statements of each file, looked up once; None for files that are not watched."""

    def __init__(self, is_user: Callable[[str], bool]) -> None:
        super().__init__()
        self._is_user = is_user

    def __missing__(self, file: str) -> Statements | None:
        statements = self[file] = statements_of(file) if self._is_user(file) else None
        return statements


def _describe(module: Any) -> str:
    """`Conv2d(3, 16, kernel_size=(3, 3))`, on one line."""
    try:
        extra = module.extra_repr()
    except Exception:
        extra = ""
    return f"{type(module).__name__}({extra})" if "\n" not in extra else type(module).__name__
