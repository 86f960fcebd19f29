"""A trained model: from a run folder, or one of those that ship with torchcamp."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from torchcamp.base.errors import RecipeError, RunError, suggest
from torchcamp.base.paths import WEIGHTS
from torchcamp.recipes.recipe import Recipe
from torchcamp.recipes.registry import load_recipe
from torchcamp.training.run_folder import RunFolder
from torchcamp.training.run_list import run_descriptions


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained network and where it came from.

    name: the run's folder or the shipped model's name.
    description: the content of its run.json or card.
    recipe: with the hyperparameters it was trained with.
    network: in eval mode.
    weights: the file they were loaded from.
    shipped: whether it is one of those that ship with torchcamp.
    """

    name: str
    description: Mapping[str, Any]
    recipe: Recipe
    network: nn.Module
    weights: Path
    shipped: bool


def shipped_names() -> list[str]:
    """The names of the models that ship trained, in alphabetical order."""
    return sorted(path.stem for path in WEIGHTS.glob("*.json"))


def find_run(name: str, roots: Sequence[Path]) -> Path | None:
    """A run folder by its path, by its name in one of `roots`, or the newest for `latest`."""
    if name == "latest":
        return newest_run(roots)
    for path in (Path(name).expanduser(), *(root / name for root in roots)):
        if path.is_dir():
            return path
    return None


def newest_run(
    roots: Sequence[Path],
    recipe: str | None = None,
    need_weights: bool = False,
    accept: Callable[[Mapping[str, Any]], bool] = lambda description: True,
) -> Path | None:
    """The run that was started last in `roots`.

    Args:
        roots: folders that hold runs.
        recipe: only runs of this recipe.
        need_weights: only runs with weights.
        accept: only runs for whose description (the content of run.json) it returns True.
    """
    for path, description in reversed(run_descriptions(roots)):
        if (recipe and description.get("recipe") != recipe) or not accept(description):
            continue
        if need_weights and not (path / "weights.safetensors").exists():
            continue
        return path
    return None


def load_trained(
    name: str, roots: Sequence[Path] = (), device: torch.device | str = "cpu"
) -> Trained:
    """The trained model `name`.

    Args:
        name: a run's folder, `latest`, or a model that ships trained.
        roots: folders that hold runs, for `latest` and for runs named without their path.

    Raises:
        RunError: no such run or model, or one without usable weights.
        RecipeError: its recipe cannot be found, or does not fit the weights.
    """
    path = find_run(name, roots)
    if path is not None and (path / "run.json").is_file():
        run = RunFolder.open(path)
        description, weights, shipped = run.description(), run.load_weights(), False
        file = path / "weights.safetensors"
    elif name in shipped_names():
        file = WEIGHTS / f"{name}.safetensors"
        description, weights, shipped = card(name), load_file(file), True
    else:
        raise RunError(_not_found(name, path))
    recipe = load_recipe(description, (path or Path()) / "source")
    network = recipe.network()
    _load(network, weights, name)
    return Trained(
        name=name if shipped else str(path),
        description=description,
        recipe=recipe,
        network=network.to(device).eval(),
        weights=file,
        shipped=shipped,
    )


def card(name: str) -> dict[str, Any]:
    """The card of a model that ships: its command, seed, hyperparameters, data and measures."""
    return json.loads((WEIGHTS / f"{name}.json").read_text())


def _load(network: nn.Module, weights: dict[str, Tensor], name: str) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise RecipeError(f"the weights of {name} do not fit its recipe: {reason}") from error


def _not_found(name: str, path: Path | None) -> str:
    if name == "latest":
        return "there is no run here yet: train one with `torchcamp train cnn`"
    if path is not None:
        return f"{path} is not a run folder: it has no run.json"
    hint = suggest(name, shipped_names(), listed_as="Models that ship trained")
    return f"{name!r} is neither a run folder nor a trained model. {hint}"
