"""Whether an answer has changed what judges it, and whether what it returns is what it seems to be.

The checks run in the answer's own process and use Python and PyTorch as anybody would, so an answer
that replaces `torch.allclose` would pass all of them. This finds what is still changed when it looks; it does
not find an answer that puts everything back in time, which is why passes are also confirmed from outside
(see `client`).
"""

import random
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

MODULES = (
    "builtins", "math", "random", "json", "inspect", "ast", "copy", "io", "os", "runpy", "traceback",
    "linecache", "numpy", "torch", "torch.nn", "torch.nn.functional", "torch.nn.init",
    "torch.nn.utils", "torch.nn.modules.module", "torch.linalg", "torch.testing", "torch.special",
    "torch.autograd", "torch.autograd.functional", "torch.optim", "torch.optim.lr_scheduler",
    "torch.distributions", "torch.utils.data", "torch.utils.checkpoint", "torch.random",
    "torchcamp.base.plain", "torchcamp.base.seeding", "torchcamp.course.judge.behaviour",
    "torchcamp.course.judge.checks", "torchcamp.course.judge.disturb",
    "torchcamp.course.judge.equality", "torchcamp.course.judge.predictions",
    "torchcamp.course.judge.starter", "torchcamp.course.judge.tamper", "torchcamp.reading.probes",
    "torchcamp.models.cnn",
)  # fmt: skip
CLASSES = (Tensor, nn.Module, nn.Parameter, torch.Generator, torch.Size, torch.optim.Optimizer)
REBOUND = {"torch.Storage"}  # by PyTorch itself, as another default dtype is set
PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set)
TENSORS = (Tensor, nn.Parameter, nn.Buffer, nn.UninitializedParameter)
Functions = dict[str, tuple[Any, Any]]


def _functions(names: Mapping[str, Any]) -> Functions:
    """What is called by those names: the objects themselves, of Python's functions also their code."""
    return {
        name: (value, value.__code__ if isinstance(value, types.FunctionType) else None)
        for name, value in names.items()
        if callable(value)
    }


def _is_changed(before: tuple[Any, Any] | None, now: Any) -> bool:
    if before is None:
        return callable(now)
    value, code = before
    return now is not value or (code is not None and now.__code__ is not code)


class Snapshot:
    """Functions and classes that checks use, as they were before an answer was loaded."""

    def __init__(self, exercise: types.ModuleType, *, guarded: bool) -> None:
        """Args:
        exercise: the loaded checks.
        guarded: also what Python and PyTorch give them. In a process that has just been forked, to
            look at thousands of functions is to copy the memory in which they lie. It takes longer
            than most checks, and whoever checks an answer of their own has nobody to deceive.
        """
        classes = CLASSES if guarded else ()
        modules = [name for name in MODULES if guarded or name.startswith("torchcamp.")]
        self._modules = {name: sys.modules[name] for name in modules if name in sys.modules}
        self._functions = {name: _functions(vars(m)) for name, m in self._modules.items()}
        self._whole: dict[str, Any] = {f"{c.__module__}.{c.__name__}": c for c in classes}
        self._whole["the checks"] = exercise
        self._names = {name: _functions(vars(each)) for name, each in self._whole.items()}

    def changed(self) -> str | None:
        """The name of something that is no longer what it was; None if nothing is."""
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                return name
            names = vars(module)
            for function, before in self._functions[name].items():
                full = f"{name}.{function}"
                if full not in REBOUND and _is_changed(before, names.get(function)):
                    return full
        for name, each in self._whole.items():
            names = vars(each)
            # Of these also what is new: it may hide what is inherited or built in.
            for function in names.keys() | self._names[name].keys():
                if _is_changed(self._names[name].get(function), names.get(function)):
                    return f"{name}.{function}"
        return None


def honest(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of an answer, refused where it returns something that only pretends to be a value.

    Raises:
        AssertionError: from the call, with words for the learner.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        returned = function(*args, **kwargs)
        words = pretence(returned)
        assert words is None, f"`{name}` returned {words}; return plain values."
        return returned

    return call


def pretence(value: Any, depth: int = 3) -> str | None:
    """What is wrong with a value that answers comparisons as it likes; None where nothing is."""
    kind = type(value)
    if isinstance(value, Tensor):
        return None if kind in TENSORS else f"a tensor of a class of its own ({kind.__name__})"
    if kind in (list, tuple) and depth:
        found = (pretence(item, depth - 1) for item in value[:100])
        return next((words for words in found if words), None)
    if kind is dict and depth:
        return pretence(list(value.values()), depth)
    if kind in PLAIN or value is None or isinstance(value, type | types.FunctionType | nn.Module):
        return None
    return _equals_anything(value)


def _equals_anything(value: Any) -> str | None:
    """Whether a value of another class equals things that nothing equals."""
    for other in (object(), random.random(), -1 - random.getrandbits(62)):
        try:
            if bool(value == other) or not bool(value != other):
                return f"a {type(value).__name__} that equals everything"
        except Exception:  # an array, or a class that compares with its own kind only
            continue
    return None
