"""What the recipes on images share: their data and its two splits."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from torchcamp.base.errors import RecipeError
from torchcamp.data.images import Images, load_images

FILM_SEED = 0  # of the noise that stays the same over a training, and of a report's pictures
Self = TypeVar("Self", bound="ImageRecipe")


@dataclass(frozen=True, kw_only=True)
class ImageRecipe:
    """Numbers of every training on images; see `Recipe` for the methods."""

    data: str = "auto"
    seed: int = 0
    epochs: int = 3
    batch_size: int = 128
    hold_out: bool = False  # judge on the last sixth of the training images, not on the test set

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError("epochs and batch_size must be at least 1")

    def load(self, report: Callable[[str], None] = lambda line: None) -> Images:
        images = load_images(self.data, report)
        return images.holding_out() if self.hold_out else images

    def fitted(self: Self, data: Images) -> Self:
        return replace(self, data=data.name)

    @property
    def split(self) -> str:
        return "validation" if self.hold_out else "test"

    def batch_size_for(self, images: Images) -> int:
        """A small data set is one batch."""
        return min(self.batch_size, len(images.train_labels))


def require_same_classes(num_classes: int, data: Images) -> None:
    """Refuse to judge a model of ten classes on a set of three.

    Raises:
        RecipeError: `data` has another number of classes.
    """
    if data.num_classes != num_classes:
        raise RecipeError(
            f"the model knows {num_classes} classes, {data.name} has {data.num_classes}"
        )


def random_bits(images: Tensor) -> Tensor:
    """Pixels `uint8` to bits 0.0 or 1.0, white with the grey value as the probability."""
    # A comparison: on the CPU torch.bernoulli takes several times as long.
    probs = images.float() / 255
    return (torch.rand_like(probs) < probs).float()


def as_bits(images: Tensor) -> Tensor:
    """Black or white pixels (0 or 255) to 0.0 or 1.0."""
    return (images > 127).float()
