"""What the command line, the loop and the reports ask of a recipe.

A recipe is a frozen dataclass of hyperparameters that knows how to load its data and build its
network and its training. Its fields, together with those of its model's config (`model`), are what
`--set` reaches. A preset is a function without parameters that returns a recipe, and
`torchcamp train FILE.py:function` takes any object with these methods.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import torch
from torch import Tensor, nn

from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.training.loop import Training


class Dataset(Protocol):
    """What a run records about its data."""

    @property
    def name(self) -> str: ...

    @property
    def sha256(self) -> str: ...


class Recipe(Protocol):
    """A model, its data and its hyperparameters.

    data, seed, epochs: fields with command-line options of their own.
    precisions: the precisions this recipe may run in.
    load: read the data set named by `data`; `report` is told what was fetched or chosen.
    for_data: this recipe with everything that follows from the data filled in (its name, the
        number of classes).
    network: the network that is evaluated, untrained.
    build: everything the loop needs, on a device; loads the data itself if none is given.
    evaluate: all measures of a trained network on the evaluation split.

    Data are `Any` here: each recipe takes the kind that its own `load` returns.
    """

    precisions: ClassVar[tuple[str, ...]]

    @property
    def data(self) -> str: ...

    @property
    def seed(self) -> int: ...

    @property
    def epochs(self) -> int: ...

    def load(self, report: Callable[[str], None] = ...) -> Any: ...

    def for_data(self, data: Any) -> Self: ...

    def network(self) -> nn.Module: ...

    def build(self, device: torch.device, data: Any = None) -> Training: ...

    def evaluate(self, network: nn.Module, data: Any) -> Evaluation: ...


@runtime_checkable
class ImageGenerator(Protocol):
    """A recipe whose networks draw images."""

    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Images (N, C, H, W) in [0, 1], and their labels (N,) or None without classes."""
        ...


@runtime_checkable
class TextGenerator(Protocol):
    """A recipe whose networks write text."""

    def write(self, network: Any, num_symbols: int, rng: torch.Generator) -> str:
        """`num_symbols` characters of text, or as many throws of dice."""
        ...
