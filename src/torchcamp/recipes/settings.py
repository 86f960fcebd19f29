"""Settings of a recipe: `KEY=VALUE` as typed after `--set`, and hyperparameters as JSON."""

import dataclasses
import math
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from torchcamp.base.errors import RecipeError, suggest

Config = TypeVar("Config")  # a recipe or a model's config: a frozen dataclass

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
    "n_components": "num_states",
    "hidden_size": "hidden_dim",
    "latent_size": "latent_dim",
    "z_dim": "latent_dim",
    "n_hidden": "num_hidden",
    "dropout_rate": "dropout",
}
MOST = 2**62  # a whole number may not reach: torch counts in 64 bits, and adds
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def hyperparameters(recipe: object) -> dict[str, object]:
    """Every field of a recipe and of its model's config, as run.json holds them."""
    return dataclasses.asdict(typing.cast(Any, recipe))


def with_hyperparameters(recipe: Config, values: Mapping[str, object]) -> Config:
    """`recipe` with the fields that `hyperparameters` wrote down.

    Raises:
        RecipeError: a name that the recipe does not have, or a value that it refuses.
    """
    changes: dict[str, object] = {}
    hints = typing.get_type_hints(type(recipe))
    for name, value in values.items():
        if name not in field_names(recipe):
            raise RecipeError(f"{type(recipe).__name__} has no setting {name!r}")
        current = getattr(recipe, name)
        if dataclasses.is_dataclass(current) and isinstance(value, Mapping):
            changes[name] = with_hyperparameters(current, value)
        else:
            changes[name] = tuple(value) if isinstance(value, list) else value
            _require_type(name, changes[name], hints[name])
    return _replace(recipe, changes)


def with_settings(recipe: Config, settings: Iterable[str]) -> Config:
    """`recipe` with `key=value` texts applied, as typed after `--set`.

    A key is a field of the recipe or of its model's config (`channels=8,16,32`, also written
    `model.channels=...`). Values take the field's type; tuples are written with commas.

    Raises:
        RecipeError: no `=`, an unknown key (the nearest is named), or a value of another type.
    """
    for setting in settings:
        key, equals, text = setting.partition("=")
        key, text = key.strip(), text.strip()
        if not equals or not key:
            raise RecipeError(f"--set takes KEY=VALUE, such as lr=0.01, not {setting!r}")
        recipe = _set(recipe, key, text)
    return recipe


def field_names(config: object) -> list[str]:
    """The names of a dataclass's fields, in their order."""
    return [field.name for field in dataclasses.fields(typing.cast(Any, config))]


def setting_type(recipe: object, key: str) -> Any:
    """The declared type of the setting `key`, a field of the recipe or of its model's config.

    Raises:
        RecipeError: no such setting; the nearest is named.
    """
    return _find(recipe, key)[2]


def _find(recipe: object, key: str) -> tuple[bool, str, Any]:
    """Whether `key` belongs to the model's config, the field's name, and its type."""
    model = getattr(recipe, "model", None)
    model_names = field_names(model) if dataclasses.is_dataclass(model) else []
    own_names = [name for name in field_names(recipe) if name != "model"]
    name = key.removeprefix("model.")
    if name in model_names and (key.startswith("model.") or name not in own_names):
        return True, name, typing.get_type_hints(type(model))[name]
    if key in own_names:
        return False, key, typing.get_type_hints(type(recipe))[key]
    hint = suggest(name, own_names + model_names, listed_as="Settings", aliases=ALIASES)
    raise RecipeError(f"unknown setting {key!r}. {hint}")


def _set(recipe: Config, key: str, text: str) -> Config:
    of_model, name, hint = _find(recipe, key)
    value = _parse(key, text, hint)
    if of_model:
        model = typing.cast(Any, recipe).model
        return _replace(recipe, {"model": _replace(model, {name: value})})
    return _replace(recipe, {name: value})


def _replace(config: Config, changes: Mapping[str, object]) -> Config:
    try:
        return dataclasses.replace(typing.cast(Any, config), **changes)
    except (ValueError, TypeError) as error:
        raise RecipeError(str(error)) from error


def _parse(key: str, text: str, hint: Any) -> object:
    """`text` as a value of the type `hint`."""
    if typing.get_origin(hint) is tuple:
        parts = [part for part in text.strip("()[]").split(",") if part.strip()]
        args = typing.get_args(hint)
        element = args[0] if args else str
        if args and args[-1] is not Ellipsis and len(parts) != len(args):
            raise RecipeError(f"{key} takes {len(args)} values separated by commas, not {text!r}")
        return tuple(_parse(key, part.strip(), element) for part in parts)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        options = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        if text.lower() == "none" and len(options) < len(typing.get_args(hint)):
            return None
        return _parse(key, text, options[0])
    if hint is bool:
        if text.lower() not in BOOLEANS:
            raise RecipeError(f"{key} takes true or false, not {text!r}")
        return BOOLEANS[text.lower()]
    kind = {"int": "a whole number", "float": "a number"}.get(hint.__name__, hint.__name__)
    try:
        value = hint(text)
    except ValueError:
        raise RecipeError(f"{key} takes {kind}, not {text!r}") from None
    if hint in (int, float) and not _is_counted(value):
        raise RecipeError(f"{key} takes {kind} that is finite and below 2^62, not {text!r}")
    return value


def _is_counted(value: float) -> bool:
    """Whether a machine can count with this number."""
    return math.isfinite(value) if isinstance(value, float) else abs(value) < MOST


def _require_type(name: str, value: object, hint: Any) -> None:
    if not _fits(value, hint):
        raise RecipeError(f"{name} takes {getattr(hint, '__name__', hint)}, not {value!r}")


def _fits(value: object, hint: Any) -> bool:
    """Whether `value`, from JSON with tuples in place of lists, has the type `hint`."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and args:
        if not isinstance(value, tuple):
            return False
        each = args[:1] * len(value) if args[-1] is Ellipsis else args
        return len(value) == len(each) and all(map(_fits, value, each))
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, arg) for arg in args)
    if hint in (int, float):
        kinds = (int, float) if hint is float else (int,)
        return type(value) in kinds and _is_counted(typing.cast(float, value))
    if hint in (str, bool, type(None)):
        return type(value) is hint
    return True
