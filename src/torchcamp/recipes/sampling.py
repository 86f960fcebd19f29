"""Samples of a trained generative model, with what a user may ask for checked first."""

import inspect
import math
from collections.abc import Callable

import torch
from torch import Tensor

from torchcamp.base.errors import RecipeError, suggest
from torchcamp.base.memory import require_room
from torchcamp.recipes.images import image_shape_of
from torchcamp.recipes.recipe import ImageGenerator, TextGenerator
from torchcamp.recipes.trained import Trained

NUM_NAMED = 10  # class names in a message


def draw_images(
    trained: Trained,
    num_samples: int,
    *,
    seed: int = 0,
    label: str | int | None = None,
    temperature: float | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Images drawn by a model that draws any.

    Args:
        label: the class to draw, by name or by number, for a conditional model; None draws each in turn.
        temperature: for an RNN; below 1 the likely becomes likelier.

    Returns:
        Images (N, C, H, W) in [0, 1] and their labels (N,), or None without classes.

    Raises:
        RecipeError: the model draws no images, or does not take `label` or `temperature`.
    """
    recipe = trained.recipe
    if isinstance(recipe, TextGenerator):
        raise RecipeError(f"{trained.name} writes text and draws no images")
    if not isinstance(recipe, ImageGenerator):
        raise RecipeError(
            f"{trained.name} is a {type(trained.network).__name__}: it tells pictures apart and "
            "cannot draw any; sample takes a generative model"
        )
    require_room(
        num_samples * math.prod(image_shape_of(recipe)) * 4, f"{num_samples:,} pictures need"
    )
    index = None if label is None else _class_index(trained, label)
    options = _accepted(trained.name, recipe.draw, temperature=temperature)
    rng = torch.Generator().manual_seed(seed)
    return recipe.draw(trained.network, num_samples, rng, label=index, **options)


def write_text(
    trained: Trained,
    num_symbols: int,
    *,
    seed: int = 0,
    prompt: str | None = None,
    temperature: float | None = None,
) -> str:
    """Text, or throws of dice, from a model that writes any.

    Args:
        num_symbols: characters, or throws.
        prompt: what the text begins with.
        temperature: below 1 the likely becomes likelier.

    Raises:
        RecipeError: the model writes no text, or does not take `prompt` or `temperature`.
    """
    recipe = trained.recipe
    if not isinstance(recipe, TextGenerator):
        raise RecipeError(
            f"{trained.name} is a {type(trained.network).__name__}: it writes no text"
        )
    require_room(num_symbols * 8, f"{num_symbols:,} symbols need")
    options = _accepted(trained.name, recipe.write, prompt=prompt, temperature=temperature)
    rng = torch.Generator().manual_seed(seed)
    return recipe.write(trained.network, num_symbols, rng, **options)


def _class_index(trained: Trained, label: str | int) -> int:
    """The number of the class that is called `label`, or that has this number."""
    num_classes = getattr(getattr(trained.recipe, "model", None), "num_classes", None)
    if num_classes is None:
        raise RecipeError(f"{trained.name} knows no classes: it cannot draw a given one")
    names = trained.class_names or tuple(str(k) for k in range(num_classes))
    if str(label) in names:
        return names.index(str(label))
    if str(label).isdecimal() and int(label) < num_classes:
        return int(label)
    more = f" and {len(names) - NUM_NAMED} more" if len(names) > NUM_NAMED else ""
    listed = f"Classes: {', '.join(names[:NUM_NAMED])}{more}."
    near = listed if str(label).isdecimal() else suggest(str(label), names, otherwise=listed)
    raise RecipeError(f"{trained.name} does not know the class {str(label)!r}. {near}")


def _accepted(name: str, function: Callable[..., object], **options: object) -> dict[str, object]:
    """The options that were given; refuses those that `function` has no parameter for."""
    temperature = options.get("temperature")
    if isinstance(temperature, float) and not 0 < temperature < math.inf:
        raise RecipeError(f"temperature must be positive and finite, not {temperature}")
    given = {option: value for option, value in options.items() if value is not None}
    for option in given:
        if option not in inspect.signature(function).parameters:
            raise RecipeError(f"{name} takes no --{option}")
    return given
