"""Samples of a trained generative model, with what a user may ask for checked first."""

import inspect
from collections.abc import Callable

import torch
from torch import Tensor

from torchcamp.base.errors import RecipeError
from torchcamp.recipes.recipe import ImageGenerator, TextGenerator
from torchcamp.recipes.trained import Trained


def draw_images(
    trained: Trained,
    num_samples: int,
    *,
    seed: int = 0,
    label: int | None = None,
    temperature: float | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Images drawn by a model that draws any.

    Args:
        label: the class to draw, for a conditional model; None draws each in turn.
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
    if label is not None:
        num_classes = getattr(getattr(recipe, "model", None), "num_classes", None)
        if num_classes is None:
            raise RecipeError(f"{trained.name} knows no classes: it cannot draw a given one")
        if not 0 <= label < num_classes:
            raise RecipeError(
                f"{trained.name} knows the classes 0 to {num_classes - 1}, not {label}"
            )
    options = _accepted(trained.name, recipe.draw, temperature=temperature)
    rng = torch.Generator().manual_seed(seed)
    return recipe.draw(trained.network, num_samples, rng, label=label, **options)


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
    options = _accepted(trained.name, recipe.write, prompt=prompt, temperature=temperature)
    rng = torch.Generator().manual_seed(seed)
    return recipe.write(trained.network, num_symbols, rng, **options)


def _accepted(name: str, function: Callable[..., object], **options: object) -> dict[str, object]:
    """The options that were given; refuses those that `function` has no parameter for."""
    given = {option: value for option, value in options.items() if value is not None}
    for option in given:
        if option not in inspect.signature(function).parameters:
            raise RecipeError(f"{name} takes no --{option}")
    return given
