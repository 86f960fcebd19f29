"""A trained model: from a run folder, or one of those that ship with torchcamp."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from torchcamp.base import notebook
from torchcamp.base.errors import RecipeError, RunError, suggest
from torchcamp.base.paths import WEIGHTS
from torchcamp.recipes.class_names import known_class_names
from torchcamp.recipes.images import image_shape_of
from torchcamp.recipes.predicting import LEVELS, Classifier, Prediction, Predictions, predict
from torchcamp.recipes.recipe import ImageGenerator, Recipe, TextGenerator
from torchcamp.recipes.registry import is_file, load_recipe, require_room_for
from torchcamp.training.checkpoint import require_kinds
from torchcamp.training.run_folder import RunFolder
from torchcamp.training.run_list import run_descriptions

# Kinds of data with light digits on black: a dark digit on white paper is read as its negative.
LIGHT_ON_DARK = ("mnist", "digits", "idx")


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

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """In the order of the model's outputs; None for a model without classes."""
        model = getattr(self.recipe, "model", None)
        if not self.classifies and not hasattr(model, "num_classes"):
            return None
        return known_class_names(self.description)

    @property
    def classifies(self) -> bool:
        """Whether it tells pictures apart, and draws or writes nothing."""
        return not isinstance(self.recipe, ImageGenerator | TextGenerator)

    def classifier(self) -> Classifier:
        """What predicting needs of it.

        Raises:
            RecipeError: it is a generative model.
        """
        if not self.classifies:
            kind = type(self.network).__name__
            raise RecipeError(
                f"{self.name} is a {kind}, a generative model: it names no classes; predict takes "
                "a classifier, such as cnn or mlp or a run of yours"
            )
        model = getattr(self.recipe, "model", None)
        num_classes = getattr(model, "num_classes", 0)
        low, high = self.description["data"].get("levels", LEVELS)
        return Classifier(
            network=self.network,
            class_names=self.class_names or tuple(str(k) for k in range(num_classes)),
            image_shape=image_shape_of(self.recipe),
            background=getattr(self.recipe, "background", "white"),
            levels=(low, high),
            light_on_dark=self.description["data"]["name"].partition(":")[0] in LIGHT_ON_DARK,
        )

    def predict(
        self, pictures: Any, *, top: int = 5, invert: bool = True
    ) -> Prediction | Predictions:
        """The class of new pictures, by name, with its probability.

        Args:
            pictures: a file, a folder, a pattern such as `*.png`, an archive; a PIL image; an
                array (H, W), (H, W, C) or (N, H, W, C); a tensor (H, W), (C, H, W) or
                (N, C, H, W); or a list of these. Arrays and tensors are uint8 or numbers in
                [0, 1]; they are scaled to the size that the model takes.
            top: how many of the likeliest classes are named.
            invert: where the model was trained on light digits on black, as MNIST's are, look at a
                picture with a light border as its negative, framed as MNIST's digits are.

        Returns:
            A prediction with `class_name`, `probability` and `top`, or a list of them for several
            pictures.

        Raises:
            UserError: something cannot be read as a picture, or the model names no classes.
        """
        return predict(self.classifier(), pictures, top=top, invert=invert)

    def _repr_html_(self) -> str:
        rows = [("model", notebook.bold(self.name)), ("network", type(self.network).__name__)]
        num_parameters = sum(p.numel() for p in self.network.parameters())
        rows.append(("parameters", f"{num_parameters:,}"))
        rows.append(("trained on", notebook.text(self.description["data"]["name"])))
        if self.class_names:
            rows.append(("classes", notebook.few(self.class_names)))
        for name, measure in self.description.get("measures", {}).items():
            if not name.startswith("accuracy_"):  # of one class
                rows.append((name.replace("_", " "), notebook.measured(**measure)))
        return notebook.table(rows)


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


def own_source(name: str, roots: Sequence[Path]) -> Path | None:
    """The folder with a run's own code, which loading the run would import; None if it has none.

    Args:
        name, roots: as in `load_trained`; for what is not a readable run the answer is None.
    """
    path = find_run(name, roots)
    try:
        has_own = path is not None and is_file(RunFolder.open(path).description()["recipe"])
    except RunError:
        return None
    return path / "source" if path and has_own else None


def load_trained(
    name: str, roots: Sequence[Path] = (), device: torch.device | str = "cpu"
) -> Trained:
    """The trained model `name`.

    Args:
        name: a run's folder, `latest`, or a model that ships trained.
        roots: folders that hold runs, for `latest` and for runs named without their path.

    Raises:
        RunError: no such run or model, one without usable weights, or one with code of its own that
            nobody has said may be run (see `trust`).
        RecipeError: its recipe cannot be found, or does not fit the weights.
    """
    path = find_run(name, roots)
    if path is not None and (path / "run.json").exists():
        run = RunFolder.open(path)
        description, weights, shipped = run.description(), run.load_weights(), False
        file = path / "weights.safetensors"
    elif name in shipped_names():
        file = WEIGHTS / f"{name}.safetensors"
        description, weights, shipped = card(name), load_file(file), True
    else:
        raise RunError(_not_found(name, path))
    recipe = load_recipe(description, (path or Path()) / "source")
    require_room_for(recipe, 1)
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
    return json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))


def _load(network: nn.Module, weights: dict[str, Tensor], name: str) -> None:
    try:
        require_kinds(network, weights)
        network.load_state_dict(weights)
    except (RuntimeError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise RecipeError(f"the weights of {name} do not fit its recipe: {reason}") from error


def _not_found(name: str, path: Path | None) -> str:
    if name == "latest":
        return "there is no run here yet: train one with `torchcamp train cnn`"
    if path is not None:
        return f"{path} is not a run folder: it has no run.json"
    hint = suggest(name, shipped_names(), listed_as="Models that ship trained")
    return f"{name!r} is neither a run folder nor a trained model. {hint}"
