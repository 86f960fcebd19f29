"""What a recipe is: numbers in a frozen dataclass, and what they build.

A recipe's fields are all that `--set` reaches, together with the fields of its model's config
(`model`). A preset is a function that returns one. `torchcamp train FILE.py:function` takes any
object with these methods.
"""

import dataclasses
import types
import typing
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from torch import nn

from torchcamp.base.errors import RecipeError, suggest
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.training.loop import Training


class Dataset(Protocol):
    """What a run records of its data."""

    @property
    def name(self) -> str: ...

    @property
    def sha256(self) -> str: ...


class Recipe(Protocol):
    """A model, its data, its numbers.

    data, seed, epochs: fields that the command line has options for.
    precisions: the precisions that this recipe may run in.
    load: the data that `data` names; the reporter is told what was fetched or chosen.
    fitted: this recipe with what follows from the data filled in (its name, the classes).
    network: the network that is evaluated, untrained.
    build: everything the loop needs, on a device; loads the data itself when not given any.
    evaluate: the measures of a trained network on the data that it is judged on.

    A recipe of a generative model also has `draw(network, num_samples, rng, label=None)`, which
    gives images and their labels or None, or `write(network, num_symbols, rng)`, which gives text.
    """

    precisions: ClassVar[tuple[str, ...]]

    @property
    def data(self) -> str: ...

    @property
    def seed(self) -> int: ...

    @property
    def epochs(self) -> int: ...

    def load(self, report: Any = ...) -> Any: ...

    def fitted(self, data: Any) -> "Recipe": ...

    def network(self) -> nn.Module: ...

    def build(self, device: torch.device, data: Any = None) -> Training: ...

    def evaluate(self, network: nn.Module, data: Any) -> Evaluation: ...


T = TypeVar("T")

# What other libraries and papers call our settings.
ALIASES = {
    "learning_rate": "lr",
    "learningrate": "lr",
    "max_lr": "lr",
    "bs": "batch_size",
    "batchsize": "batch_size",
    "num_epochs": "epochs",
    "max_epochs": "epochs",
    "n_epochs": "epochs",
    "wd": "weight_decay",
    "l2": "weight_decay",
    "random_state": "seed",
    "random_seed": "seed",
    "dataset": "data",
    "smoothing": "label_smoothing",
    "ema": "average_decay",
    "ema_decay": "average_decay",
    "beta": "kl_weight",
    "n_components": "num_states",
    "hidden_size": "hidden_dim",
    "latent_size": "latent_dim",
    "z_dim": "latent_dim",
    "n_hidden": "num_hidden",
    "dropout_rate": "dropout",
}


def numbers(recipe: Any) -> dict[str, Any]:
    """Every number of a recipe, as JSON holds it."""
    return dataclasses.asdict(recipe)


def with_numbers(recipe: T, values: dict[str, Any]) -> T:
    """`recipe` with the numbers that `numbers` wrote down.

    Raises:
        RecipeError: a name that the recipe does not have, or a value that it refuses.
    """
    changes: dict[str, Any] = {}
    hints = typing.get_type_hints(type(recipe))
    for name, value in values.items():
        if name not in _field_names(recipe):
            raise RecipeError(f"{type(recipe).__name__} has no number called {name!r}")
        current = getattr(recipe, name)
        if dataclasses.is_dataclass(current):
            changes[name] = with_numbers(current, value)
        else:
            changes[name] = tuple(value) if isinstance(value, list) else value
            _require_type(name, changes[name], hints[name])
    return _replace(recipe, changes)


def with_settings(recipe: T, settings: typing.Iterable[str]) -> T:
    """`recipe` with `key=value` texts applied, as typed behind `--set`.

    A key is a field of the recipe or of its model's config (`channels=8,16,32`, also written
    `model.channels=...`). Values take the field's type; tuples are written with commas.

    Raises:
        RecipeError: no `=`, an unknown key (the nearest is named), or a value of another type.
    """
    for setting in settings:
        key, equals, text = setting.partition("=")
        key, text = key.strip(), text.strip()
        if not equals or not key:
            raise RecipeError(f"--set takes key=value, not {setting!r}")
        recipe = _set(recipe, key, text)
    return recipe


def _set(recipe: T, key: str, text: str) -> T:
    model = getattr(recipe, "model", None)
    model_names = _field_names(model) if dataclasses.is_dataclass(model) else []
    own_names = [name for name in _field_names(recipe) if name != "model"]
    name = key.removeprefix("model.")
    if name in model_names and (key.startswith("model.") or name not in own_names):
        value = _parse(key, text, typing.get_type_hints(type(model))[name])
        return _replace(recipe, {"model": _replace(model, {name: value})})
    if key in own_names:
        return _replace(recipe, {key: _parse(key, text, typing.get_type_hints(type(recipe))[key])})
    hint = suggest(name, own_names + model_names, listed_as="Settings", aliases=ALIASES)
    raise RecipeError(f"unknown setting {key!r}. {hint}")


def _field_names(config: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(config)]


def _replace(config: Any, changes: dict[str, Any]) -> Any:
    try:
        return dataclasses.replace(config, **changes)
    except (ValueError, TypeError) as error:
        raise RecipeError(str(error)) from error


def _parse(key: str, text: str, hint: Any) -> Any:
    """`text` as a value of the type `hint`."""
    if typing.get_origin(hint) is tuple:
        parts = [part for part in text.strip("()[]").split(",") if part.strip()]
        args = typing.get_args(hint)
        element = args[0] if args else str
        if args and args[-1] is not Ellipsis and len(parts) != len(args):
            raise RecipeError(f"{key} takes {len(args)} values with commas, not {text!r}")
        return tuple(_parse(key, part.strip(), element) for part in parts)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        options = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        if text.lower() == "none" and len(options) < len(typing.get_args(hint)):
            return None
        return _parse(key, text, options[0])
    if hint is bool:
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in known:
            raise RecipeError(f"{key} takes true or false, not {text!r}")
        return known[text.lower()]
    try:
        return hint(text)
    except ValueError:
        kind = {"int": "a whole number", "float": "a number"}.get(hint.__name__, hint.__name__)
        raise RecipeError(f"{key} takes {kind}, not {text!r}") from None


def _require_type(name: str, value: Any, hint: Any) -> None:
    if hint in (int, float, str, bool) and not isinstance(
        value, (int, float) if hint is float else hint
    ):
        raise RecipeError(f"{name} takes {hint.__name__}, not {value!r}")
