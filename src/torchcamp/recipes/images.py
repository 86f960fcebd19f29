"""What the recipes trained on images share: loading them, their batch size, and bits."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from torchcamp.base.errors import RecipeError
from torchcamp.data.images import IMAGE_SIZE, Images, PictureOptions, load_images
from torchcamp.recipes.base import BaseRecipe
from torchcamp.recipes.settings import field_names

MANY = 10_000  # training pictures of one's own, from which on a preset's epochs are enough
FILM_SEED = 0  # of the noise that stays the same throughout a training, and of a report's pictures


@dataclass(frozen=True, kw_only=True)
class ImageRecipe(BaseRecipe[Images]):
    """Hyperparameters of any training on images; see `Recipe` for the methods."""

    data: str = "auto"
    epochs: int = 3
    batch_size: int = 128
    # How your own pictures are read; published sets have their own size and colour.
    size: str = "auto"  # 64, or 48x64: height x width
    colour: str = "auto"  # rgb or grey
    background: str = "white"  # or black: what transparent pixels become
    skip_unreadable: bool = False  # leave damaged pictures out instead of refusing the set
    class_folders: str = "auto"  # of nested folders, whether the top or the leaf is the class

    min_steps: ClassVar[int] = 2000  # of a training on few pictures of one's own

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 1:
            raise ValueError("batch_size must be at least 1")

    def load_all(self, report: Callable[[str], None]) -> Images:
        size, colour = self.size, self.colour
        names = field_names(model) if is_dataclass(model := getattr(self, "model", None)) else []
        if model is not None and not {"image_shape", "num_pixels"} & set(names):
            # A model of one's own from before 0.2: it takes grey pictures of 28x28, as all did.
            size = "28x28" if size == "auto" else size
            colour = "grey" if colour == "auto" else colour
        options = PictureOptions(
            size=size,
            colour=colour,
            background=self.background,
            skip_unreadable=self.skip_unreadable,
            class_folders=self.class_folders,
        )
        return load_images(self.data, report, options)

    def for_data(self, data: Images) -> Self:
        """This recipe with the data's name, and the size and colour in which it was read."""
        channels, height, width = data.image_shape
        return replace(
            super().for_data(data),
            size=f"{height}x{width}",
            colour="grey" if channels == 1 else "rgb",
        )

    def adapted(self, data: Images, chosen: Collection[str], report: Callable[[str], None]) -> Self:
        """For few pictures of one's own: smaller batches, and epochs enough for `min_steps` steps.

        The epochs of a preset are meant for tens of thousands of pictures. The published sets keep them.
        Where weights are averaged, the average is shortened with the training; see `average_for`.
        """
        num_images = len(data.train_labels)
        if not is_ones_own(data):
            return self
        batch_size, epochs = self.batch_size, self.epochs
        if "batch_size" not in chosen and num_images < 20 * batch_size:
            # A power of two that makes ten steps or more of an epoch.
            batch_size = min(batch_size, max(8, 2 ** int(math.log2(max(1, num_images / 10)))))
        batch_size = min(batch_size, num_images)
        if "epochs" not in chosen and num_images < MANY:
            epochs = max(epochs, math.ceil(self.min_steps / (num_images // batch_size)))
        if (batch_size, epochs) != (self.batch_size, self.epochs):
            left_out = num_images % batch_size
            report(
                f"{num_images:,} training pictures: {epochs} epoch{'s' if epochs > 1 else ''} "
                f"in batches of {batch_size}"
                + (f" ({left_out} do not fill a batch: others each epoch)" if left_out else "")
                + "; change this with --epochs and --batch-size"
            )
        recipe = replace(self, batch_size=batch_size, epochs=epochs)
        decay = getattr(self, "average_decay", 0.0)
        if decay and "average_decay" not in chosen:
            average = average_for(decay, epochs * (num_images // batch_size))
            recipe = replace(recipe, average_decay=average)
        return recipe

    def batch_size_for(self, images: Images) -> int:
        """`batch_size`, or all training images where there are fewer."""
        return min(self.batch_size, len(images.train_labels))


def is_ones_own(data: Images) -> bool:
    """Whether these are the user's own pictures rather than a published set."""
    return data.name.partition(":")[0] in ("folder", "array")


def average_for(decay: float, num_steps: int) -> float:
    """`decay`, or less in a short training, whose average must not reach back to its beginning.

    An average spans about 1 / (1 - decay) steps: here a tenth of them at the most.
    """
    return min(decay, max(0.0, 1 - 10 / num_steps))


@dataclass(frozen=True, kw_only=True)
class BitsRecipe(ImageRecipe):
    """Hyperparameters of a model of bits, which reads every picture in grey at 28x28."""

    size: str = "28x28"
    colour: str = "grey"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size not in ("28", "28x28") or self.colour != "grey":
            raise ValueError(
                "this model reads bits: pictures in grey at 28x28, so size and colour cannot be "
                "changed; mlp, cnn, vae, gan and cgan take other sizes and colours"
            )


def shape_of(data: Images, model: Any) -> dict[str, Any]:
    """The field `image_shape` of a model's config, as the data have it.

    Raises:
        RecipeError: the model cannot take it; the nearest sizes that it can take are named.
    """
    try:
        replace(model, image_shape=data.image_shape)
    except ValueError as error:
        sizes = " or ".join(_sizes_near(model, data.image_shape))
        raise RecipeError(f"{error}; choose --size {sizes}") from error
    return {"image_shape": data.image_shape}


def _sizes_near(model: Any, shape: tuple[int, int, int]) -> list[str]:
    """The next smaller and the next larger size that the model takes, as `--size` is written."""
    channels, *sides = shape

    def takes(side: int) -> bool:
        try:
            replace(model, image_shape=(channels, side, side))
        except ValueError:
            return False
        return True

    sizes = []
    for step in (-1, 1):
        near = [
            next((s for s in range(side, side + 64 * step, step) if takes(s)), 0) for side in sides
        ]
        if min(near) > 0:
            sizes.append(str(near[0]) if near[0] == near[1] else f"{near[0]}x{near[1]}")
    return sizes


def image_shape_of(recipe: object) -> tuple[int, int, int]:
    """Channels, height and width of the pictures that a trained recipe's network takes.

    A recipe of one's own that says neither size nor shape takes grey pictures of 28x28.
    """
    size, colour = getattr(recipe, "size", "auto"), getattr(recipe, "colour", "auto")
    if size == "auto":
        default = (1, IMAGE_SIZE, IMAGE_SIZE)
        return getattr(getattr(recipe, "model", None), "image_shape", default)
    height, _, width = size.partition("x")
    return (3 if colour == "rgb" else 1, int(height), int(width or height))


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


def require_same_shape(
    image_shape: tuple[int, int, int], data: Images, model: str = "the model"
) -> None:
    """Refuse to evaluate a model of colour pictures on grey ones, or on another size.

    Raises:
        RecipeError: the pictures of `data` have another shape than those that the network takes.
    """
    if data.image_shape != image_shape:
        raise RecipeError(
            f"{model} takes {_in_words(image_shape)}; {data.name} has {_in_words(data.image_shape)}"
        )


def _in_words(shape: tuple[int, int, int]) -> str:
    channels, height, width = shape
    return f"{'grey' if channels == 1 else 'colour'} pictures of {height}x{width}"


def random_bits(images: Tensor) -> Tensor:
    """`uint8` pixels to bits 0.0 or 1.0, white with the grey value as the probability."""
    # A comparison: on the CPU torch.bernoulli takes several times as long.
    probs = images.float() / 255
    return (torch.rand_like(probs) < probs).float()


def as_bits(images: Tensor) -> Tensor:
    """Black or white pixels (0 or 255) to 0.0 or 1.0."""
    return (images > 127).float()
