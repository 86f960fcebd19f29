"""Noise that a script draws, from torch or from NumPy: which law each tensor follows."""

import functools
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from torchcamp.doctor.recording import Marks, Recording

UNIFORM, NORMAL = "uniform between 0 and 1", "standard normal"
LAWS = {"rand": UNIFORM, "rand_like": UNIFORM, "randn": NORMAL, "randn_like": NORMAL}
NUMPY_LAWS = {
    "rand": UNIFORM, "random": UNIFORM, "random_sample": UNIFORM, "randn": NORMAL, "standard_normal": NORMAL,
    "uniform": None, "normal": None,
}  # fmt: skip


class Noise:
    """Marks tensors that are plain noise.

    Attributes:
        laws: the distribution that such a tensor was drawn from.

    Args:
        stack: the modules that run, outermost first.
    """

    def __init__(self, recording: Recording, stack: list[nn.Module]) -> None:
        self._recording = recording
        self._stack = stack
        self.laws: Marks[str] = Marks()
        self._drawn: deque[tuple[tuple[int, ...], tuple[float, ...], str]] = deque(maxlen=8)

    def handlers(self) -> dict[str, Callable[..., None]]:
        """What looks at torch's functions that draw, by their names."""
        return {
            **dict.fromkeys(LAWS, self._draws),
            "uniform_": self._draws_in_place,
            "normal_": self._draws_in_place,
        }

    def replace_numpy(self) -> None:
        """Watch what `numpy.random` draws, for the rest of this process."""
        for name, law in NUMPY_LAWS.items():
            setattr(numpy.random, name, self._drawing(getattr(numpy.random, name), law))

    def law_of(self, tensor: Tensor) -> str:
        """The distribution of a tensor that is plain noise, torch's or NumPy's; "" of others."""
        law = self.laws.get(tensor)
        if law is None and self._drawn and tensor.is_floating_point():
            shape = tuple(tensor.shape)
            for drawn, values, its_law in self._drawn:
                if drawn == shape:
                    first = tensor.detach().flatten()[: len(values)].float()
                    if torch.equal(first, torch.tensor(values)):
                        return its_law
        return law or ""

    def _mark(self, noise: Tensor, law: str) -> None:
        self.laws.put(noise, law)
        network = self._recording.network_of(self._stack)
        if network is not None and noise.dim() > 1 and torch.is_grad_enabled():
            network.inner_laws.add((law, noise.shape[1:]))

    def _draws(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        self._mark(out, LAWS[name])

    def _draws_in_place(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        first, second = (*args[1:], None, None)[:2]
        if name == "uniform_":
            low = kwargs.get("from", first if first is not None else 0)
            high = kwargs.get("to", second if second is not None else 1)
            self._mark(out, uniform(low, high))
        else:
            mean = kwargs.get("mean", first if first is not None else 0)
            std = kwargs.get("std", second if second is not None else 1)
            self._mark(out, normal(mean, std))

    def _drawing(self, original: Callable[..., Any], law: str | None) -> Callable[..., Any]:
        @functools.wraps(original)
        def draw(*args: Any, **kwargs: Any) -> Any:
            drawn = original(*args, **kwargs)
            if isinstance(drawn, numpy.ndarray) and drawn.ndim > 1 and drawn.size >= 8:
                words = law or _law(original.__name__, args, kwargs)
                if words:  # some of its numbers, by which a tensor made of it is known
                    first = tuple(drawn.flat[:8].astype(numpy.float32).tolist())
                    self._drawn.append((drawn.shape, first, words))
            return drawn

        return draw


def uniform(low: float, high: float) -> str:
    """A uniform distribution in words."""
    return UNIFORM if (low, high) == (0, 1) else f"uniform between {low:g} and {high:g}"


def normal(mean: float, std: float) -> str:
    """A normal distribution in words."""
    return NORMAL if (mean, std) == (0, 1) else f"normal({mean:g}, {std:g})"


def _law(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """What `numpy.random.normal` or `uniform` was asked for; "" where each number has its own law."""
    is_uniform = name == "uniform"
    names = ("low", "high") if is_uniform else ("loc", "scale")
    given = dict(zip(names, (0, 1), strict=True)) | dict(zip(names, args, strict=False)) | kwargs
    first, second = (given[each] for each in names)
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return ""
    return uniform(first, second) if is_uniform else normal(first, second)
