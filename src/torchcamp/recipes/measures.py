"""Measures of trained models, stored under the hash of everything that they depend on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torchcamp.base.files import MOST_TEXT, in_words, require_regular, save_text
from torchcamp.data.fetch import cache_dir
from torchcamp.data.images import Images
from torchcamp.evaluation.evaluation import Evaluation, Measure
from torchcamp.evaluation.reference_networks import measures_key
from torchcamp.recipes.class_names import matched
from torchcamp.recipes.images import ImageRecipe, image_shape_of, require_same_shape
from torchcamp.recipes.settings import field_names, with_settings
from torchcamp.recipes.trained import Trained
from torchcamp.training.run_list import is_evaluation

PART_IMAGES = 500
PART_TEMPERATURES = 300


def measured(
    trained: Trained,
    data: str | None = None,
    *,
    fresh: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> Evaluation:
    """The measures of a trained model.

    What a run or a card knows is returned as it is; measures on other data are stored next to the
    weights (for a model that ships: in the user's cache).

    Args:
        data: a data set other than the one it was trained on.
        fresh: measure even if the measures are known.
        report: told which data were fetched or chosen.

    Raises:
        DataError: no such data.
        RecipeError: data that do not fit the model.
    """
    known = trained.description
    own_data = known["data"]
    if not fresh and data in (None, own_data["name"]):
        key = measures_key(trained.weights, own_data["sha256"])
        if known.get("measures_key") == key and is_evaluation(known):
            return Evaluation.from_json({**known, "data": own_data["name"]})
    recipe = with_settings(trained.recipe, [f"data={data}"] if data else [])
    dataset = recipe.load(report)
    hashed = dataset.sha256
    if isinstance(recipe, ImageRecipe):
        require_same_shape(image_shape_of(recipe), dataset, trained.name)
    if trained.class_names is not None and isinstance(dataset, Images):
        names = dataset.class_names
        dataset = matched(dataset, trained.class_names, trained.name, report)
        if names != dataset.class_names:  # the hash covers labels, not the names behind them
            hashed += f" {names}"
    key = measures_key(trained.weights, hashed)
    stored = _stored(trained)
    if fresh or key not in stored:
        stored[key] = recipe.evaluate(trained.network, dataset).as_json()
        text = json.dumps(stored, indent=1) + "\n"
        path = _path(trained)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_text(path, text)
        except OSError as error:  # what was measured is shown all the same
            report(f"the measures could not be kept: {in_words(error)}")
    return Evaluation.from_json(stored[key])


def measured_part(trained: Trained, num_images: int = PART_IMAGES) -> dict[str, Measure]:
    """The measures on the first few images of the data it was trained on, in seconds.

    They must not be compared with the full ones (they rest on fewer samples, and the first test
    images are easier), but are the same whenever weights and code are the same: a test checks the
    cards with them.
    """
    recipe = trained.recipe
    if "num_temperatures" in field_names(recipe):
        recipe = with_settings(recipe, [f"num_temperatures={PART_TEMPERATURES}"])
    return recipe.evaluate(trained.network, recipe.load().first(num_images)).measures


def _path(trained: Trained) -> Path:
    if trained.shipped:
        return cache_dir() / "measures" / f"{trained.name}.json"
    return trained.weights.parent / "measures.json"


def _stored(trained: Trained) -> dict[str, Any]:
    """Stored evaluations by their key, without damaged ones; empty if the file is missing."""
    path = _path(trained)
    try:
        require_regular(path, MOST_TEXT)
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    entries = stored.items() if isinstance(stored, dict) else ()
    return {
        key: value
        for key, value in entries
        if is_evaluation(value) and isinstance(value.get("data"), str)
    }
