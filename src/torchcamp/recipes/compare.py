"""The generative models side by side: one row each, one page."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import torch

from torchcamp.base.errors import RecipeError
from torchcamp.evaluation.evaluation import Evaluation, Measure
from torchcamp.evaluation.generator_report import Picture, as_page_picture
from torchcamp.pages.page import render_page
from torchcamp.recipes.measures import measured
from torchcamp.recipes.recipe import ImageGenerator
from torchcamp.recipes.trained import Trained, load_trained, shipped_names

NUM_SHOWN = 48  # samples of each model on the page
SAMPLES_SEED = 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model in the comparison; None where a measure does not apply to it."""

    model: str
    data: str
    frechet_distance: float | None
    frechet_floor: float | None
    coverage: float | None
    nats: float | None
    nats_kind: str | None
    binarisation: str | None
    label_agreement: float | None
    parameters: int
    train_seconds: float | None
    measures: dict[str, Measure]
    notes: list[str]

    def as_json(self) -> dict[str, object]:
        """What `torchcamp compare --json` prints: everything but the measures in full."""
        left_out = ("measures", "notes")
        return {name: value for name, value in asdict(self).items() if name not in left_out}


def generative_models(device: torch.device | str = "cpu") -> list[Trained]:
    """The shipped models that draw images, in alphabetical order."""
    models = [load_trained(name, device=device) for name in shipped_names()]
    return [trained for trained in models if isinstance(trained.recipe, ImageGenerator)]


def compare(
    models: Sequence[Trained],
    *,
    fresh: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> list[Row]:
    """One row for each model.

    Raises:
        RecipeError: a model that draws no images.
    """
    for trained in models:
        _generator(trained)
    rows = []
    for trained in models:
        if fresh:
            report(f"measuring {trained.name} ...")
        rows.append(_row(trained, measured(trained, fresh=fresh, report=report)))
    return rows


def _generator(trained: Trained) -> ImageGenerator:
    if isinstance(trained.recipe, ImageGenerator):
        return trained.recipe
    kind = type(trained.network).__name__
    raise RecipeError(f"{trained.name} is a {kind} and draws no pictures to compare")


def _row(trained: Trained, evaluation: Evaluation) -> Row:
    measures, details = evaluation.measures, evaluation.details
    distance = measures.get("frechet_distance")

    def value(name: str) -> float | None:
        return measures[name].value if name in measures else None

    return Row(
        model=trained.name,
        data=evaluation.data,
        frechet_distance=value("frechet_distance"),
        frechet_floor=distance.floor if distance else None,
        coverage=value("coverage"),
        nats=value("nats"),
        nats_kind=details["nats_kind"],
        binarisation=details["binarisation"],
        label_agreement=value("label_agreement"),
        parameters=sum(p.numel() for p in trained.network.parameters()),
        train_seconds=trained.description.get("train_seconds"),
        measures=measures,
        notes=details.get("notes", []),
    )


def render_comparison(models: Sequence[Trained], rows: Sequence[Row]) -> str:
    """One offline page: the table, and samples of every model drawn with one seed."""
    panels = []
    for trained, row in zip(models, rows, strict=True):
        rng = torch.Generator().manual_seed(SAMPLES_SEED)
        images, _ = _generator(trained).draw(trained.network, NUM_SHOWN, rng)
        picture = Picture(title=row.model, caption="", images=images, columns=8)
        panels.append(as_page_picture(picture))
    return render_page(
        "recipes/compare.html", title="Generative models side by side", rows=rows, panels=panels
    )
