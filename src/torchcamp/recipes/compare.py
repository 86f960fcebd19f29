"""The generative models side by side: one row each, one page."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from torchcamp.base.errors import RecipeError
from torchcamp.evaluation.generator_report import Picture, as_page_picture
from torchcamp.pages.page import render_page
from torchcamp.recipes.measures import measured
from torchcamp.recipes.trained import Trained, load_trained, shipped_names

NUM_SHOWN = 48  # samples of each model on the page
SAMPLES_SEED = 1


def is_generative(trained: Trained) -> bool:
    """Whether it draws pictures."""
    return hasattr(trained.recipe, "draw")


def generative_models(device: torch.device | str = "cpu") -> list[Trained]:
    """The models of pictures that ship trained, in alphabetical order."""
    models = [load_trained(name, device=device) for name in shipped_names()]
    return [trained for trained in models if is_generative(trained)]


def compare(
    models: Sequence[Trained],
    *,
    fresh: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> list[dict[str, Any]]:
    """One row for each model, with all its measures.

    Raises:
        RecipeError: a model that draws no pictures.
    """
    for trained in models:
        if not is_generative(trained):
            kind = type(trained.network).__name__
            raise RecipeError(f"{trained.name} is a {kind} and draws no pictures to compare")
    rows = []
    for trained in models:
        if fresh:
            report(f"measuring {trained.name} ...")
        known = measured(trained, fresh=fresh, report=report)
        rows.append(_row(trained, known))
    return rows


def _row(trained: Trained, known: dict[str, Any]) -> dict[str, Any]:
    measures, details = known["measures"], known["details"]

    def value(name: str) -> float | None:
        return measures[name]["value"] if name in measures else None

    return {
        "model": trained.name,
        "data": known["data"],
        "frechet_distance": value("frechet_distance"),
        "frechet_floor": measures["frechet_distance"]["floor"],
        "coverage": value("coverage"),
        "nats": value("nats"),
        "nats_kind": details["nats_kind"],
        "binarisation": details["binarisation"],
        "label_agreement": value("label_agreement"),
        "parameters": sum(p.numel() for p in trained.network.parameters()),
        "train_seconds": trained.description["train_seconds"],
        "measures": measures,
    }


def render_comparison(models: Sequence[Trained], rows: Sequence[dict[str, Any]]) -> str:
    """One offline page: the table, and samples of every model drawn with one seed."""
    panels = []
    for trained, row in zip(models, rows, strict=True):
        rng = torch.Generator().manual_seed(SAMPLES_SEED)
        recipe: Any = trained.recipe
        images, _ = recipe.draw(trained.network, NUM_SHOWN, rng)
        picture = Picture(title=row["model"], caption="", images=images, columns=8)
        panels.append(as_page_picture(picture))
    return render_page(
        "recipes/compare.html", title="Generative models side by side", rows=rows, panels=panels
    )
