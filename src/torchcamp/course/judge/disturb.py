"""Answers with one promise broken: the functions of a loaded answer, wrapped so that something is off.

`torchcamp dev check` disturbs each solution in every way here and says which way its checks let pass;
the judge asks whether a sentence would have been said of just any wrong answer.
"""

import functools
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

Function = Callable[..., Any]
NEVER_PASSES = NOTHING, NO_GRAPH = "nothing is returned", "the loss it returns holds no graph"
UNTOUCHED = object()  # what a change says of a value that it does not concern


def wrap(module: types.ModuleType, wrapped: Callable[[str, Function], Function]) -> None:
    """Replace each public function of `module`, and `forward` of each of its networks, by `wrapped`."""
    for name, value in list(vars(module).items()):
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if isinstance(value, types.FunctionType):
            setattr(module, name, functools.wraps(value)(wrapped(name, value)))
        elif isinstance(value, type) and issubclass(value, nn.Module) and "forward" in vars(value):
            forward = vars(value)["forward"]
            value.forward = functools.wraps(forward)(wrapped(f"{name}.forward", forward))


class Disturbance:
    """One way to be wrong, in words. `touched` counts the values that it has changed.

    Each of the changes takes a value and gives another in its place, or UNTOUCHED.
    """

    def __init__(
        self,
        words: str,
        *,
        returned: Function | None = None,
        before: Function | None = None,
        after: Function | None = None,
    ) -> None:
        """Args:
        returned: changes what is returned; of a tuple each part.
        before: changes an argument.
        after: changes an argument in place, once the call is over.
        """
        self.words, self.touched = words, 0
        self._returned, self._before, self._after = returned, before, after

    def apply(self, module: types.ModuleType) -> None:
        """Make the functions of `module` wrong."""
        wrap(module, lambda name, function: functools.partial(self._call, function))

    def _call(self, function: Function, *args: Any, **kwargs: Any) -> Any:
        if self._before:
            args = tuple(self._changed(self._before, args))
            kwargs = dict(zip(kwargs, self._changed(self._before, kwargs.values()), strict=True))
        result = function(*args, **kwargs)
        if self._after:
            for _ in self._changed(self._after, (*args, *kwargs.values())):
                pass
        if self._returned is None:
            return result
        if isinstance(result, tuple):
            return tuple(self._changed(self._returned, result))
        return next(self._changed(self._returned, [result]))

    def _changed(self, change: Function, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            found = change(value)
            self.touched += found is not UNTOUCHED
            yield value if found is UNTOUCHED else found


def disturbances() -> Iterator[Disturbance]:
    """Every way, new."""
    yield Disturbance(NOTHING, returned=_nothing)
    yield Disturbance(NO_GRAPH, returned=lambda value: _detached(value, is_loss=True))
    yield Disturbance(
        "its result holds no graph", returned=lambda value: _detached(value, is_loss=False)
    )
    yield Disturbance("its result is a Python number, not a tensor", returned=_number)
    yield Disturbance("its result has an axis more", returned=_longer)
    yield Disturbance("its result is float64", returned=_double)
    yield Disturbance("it seeds the given generator", before=_seeded)
    yield Disturbance("it draws from another generator", before=_another)
    yield Disturbance("it leaves a network in training mode", after=lambda v: _set_mode(v, True))
    yield Disturbance("it leaves a network in eval mode", after=lambda v: _set_mode(v, False))
    yield Disturbance("it wakes a frozen part of a network", after=_wake)


def _nothing(value: Any) -> Any:
    return UNTOUCHED if value is None else None


def _detached(value: Any, *, is_loss: bool) -> Any:
    holds_one = isinstance(value, Tensor) and value.requires_grad
    return value.detach() if holds_one and (value.dim() == 0) == is_loss else UNTOUCHED


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) and value.dim() == 0 else UNTOUCHED


def _longer(value: Any) -> Any:
    return value.unsqueeze(-1) if isinstance(value, Tensor) else UNTOUCHED


def _double(value: Any) -> Any:
    is_float = isinstance(value, Tensor) and value.dtype == torch.float32
    return value.double() if is_float else UNTOUCHED


def _seeded(value: Any) -> Any:
    return value.manual_seed(0) if isinstance(value, torch.Generator) else UNTOUCHED


def _another(value: Any) -> Any:
    if not isinstance(value, torch.Generator):
        return UNTOUCHED
    other = torch.Generator()
    other.seed()
    return other


def _set_mode(value: Any, training: bool) -> Any:
    if not isinstance(value, nn.Module) or value.training == training:
        return UNTOUCHED
    return value.train(training)


def _wake(value: Any) -> Any:
    if (
        isinstance(value, nn.Module)
        and value.training
        and not all(m.training for m in value.modules())
    ):
        return value.train()
    return UNTOUCHED
