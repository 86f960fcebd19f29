"""Measures that were taken once are kept, under the hash of all that they depend on."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torchcamp.base.files import write_atomically
from torchcamp.data.fetch import cache_dir
from torchcamp.evaluation.evaluation import VERSION
from torchcamp.evaluation.reference_networks import reference_hash
from torchcamp.recipes.recipe import with_settings

PART_IMAGES = 500
PART_TEMPERATURES = 300

if TYPE_CHECKING:
    from torchcamp.recipes.trained import Trained


def measures_key(weights: Path, data_sha256: str) -> str:
    """Hash of the weights' file, the data and the way of measuring (its version, its reference networks)."""
    digest = hashlib.sha256(weights.read_bytes())
    digest.update(f"{data_sha256} {VERSION} {reference_hash()}".encode())
    return digest.hexdigest()


def measured(
    trained: "Trained",
    data: str | None = None,
    *,
    fresh: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """The measures of a trained model: `{"data", "measures", "details", "summary"}`.

    What a run or a card knows is returned as it is; what was measured on other data is kept beside
    the weights (of a model that ships: in the user's cache).

    Args:
        data: another data set than that of the training.
        fresh: measure in any case.
        report: told what data were fetched or chosen.

    Raises:
        DataError: no such data; RecipeError: data that do not fit the model.
    """
    known = trained.description
    own_data = known["data"]
    if not fresh and data in (None, own_data["name"]):
        key = measures_key(trained.weights, own_data["sha256"])
        if known.get("measures_key") == key:
            return {
                "data": own_data["name"],
                **{name: known[name] for name in ("measures", "details", "summary")},
            }
    recipe = with_settings(trained.recipe, [f"data={data}"] if data else [])
    dataset = recipe.load(report)
    key = measures_key(trained.weights, dataset.sha256)
    kept = _kept(trained)
    if fresh or key not in kept:
        evaluation = recipe.evaluate(trained.network, dataset)
        kept[key] = {
            "data": evaluation.data,
            "measures": evaluation.measures,
            "details": evaluation.details,
            "summary": evaluation.summary,
        }
        text = json.dumps(kept, indent=1) + "\n"
        path = _path(trained)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda part: part.write_text(text))
    return kept[key]


def measured_part(trained: "Trained", num_images: int = PART_IMAGES) -> dict[str, Any]:
    """The measures on the first few images of the training's own data, in seconds.

    Not to be compared with the whole ones (they rest on fewer samples, and the first test images
    are easier), but the same whenever weights and code are the same: a test holds cards to it.
    """
    recipe = trained.recipe
    if hasattr(recipe, "num_temperatures"):
        recipe = with_settings(recipe, [f"num_temperatures={PART_TEMPERATURES}"])
    return recipe.evaluate(trained.network, recipe.load().first(num_images)).measures


def _path(trained: "Trained") -> Path:
    if trained.shipped:
        return cache_dir() / "measures" / f"{trained.name}.json"
    return trained.weights.parent / "measures.json"


def _kept(trained: "Trained") -> dict[str, Any]:
    """What was kept; nothing where the file is missing or damaged."""
    try:
        return json.loads(_path(trained).read_text())
    except (OSError, json.JSONDecodeError):
        return {}
