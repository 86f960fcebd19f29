"""What the recipes trained on images share: loading them, their batch size, and bits."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from torchcamp.base.errors import RecipeError
from torchcamp.data.images import Images, load_images
from torchcamp.recipes.base import BaseRecipe

FILM_SEED = 0  # of the noise that stays the same throughout a training, and of a report's pictures


@dataclass(frozen=True, kw_only=True)
class ImageRecipe(BaseRecipe[Images]):
    """Hyperparameters of any training on images; see `Recipe` for the methods."""

    data: str = "auto"
    epochs: int = 3
    batch_size: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 1:
            raise ValueError("batch_size must be at least 1")

    def load_all(self, report: Callable[[str], None]) -> Images:
        return load_images(self.data, report)

    def batch_size_for(self, images: Images) -> int:
        """`batch_size`, or all training images where there are fewer."""
        return min(self.batch_size, len(images.train_labels))


def require_same_classes(num_classes: int, data: Images) -> None:
    """Refuse to evaluate a model of ten classes on a data set of three.

    Raises:
        RecipeError: `data` has a different number of classes.
    """
    if data.num_classes != num_classes:
        raise RecipeError(
            f"the model knows {num_classes} classes, {data.name} has {data.num_classes}: "
            "evaluate it on data with the classes it was trained on"
        )


def random_bits(images: Tensor) -> Tensor:
    """`uint8` pixels to bits 0.0 or 1.0, white with the grey value as the probability."""
    # A comparison: on the CPU torch.bernoulli takes several times as long.
    probs = images.float() / 255
    return (torch.rand_like(probs) < probs).float()


def as_bits(images: Tensor) -> Tensor:
    """Black or white pixels (0 or 255) to 0.0 or 1.0."""
    return (images > 127).float()
