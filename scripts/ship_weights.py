"""Add finished runs to the package as the models that ship: weights and card.

    python scripts/ship_weights.py RUN...              as the model of the run's recipe
    python scripts/ship_weights.py --reference RUN...  as the reference network of the run's function
    python scripts/ship_weights.py --measure NAME...   measure shipped models again, into their cards

Weights are stored as 16-bit numbers (except for two models), and the card's measures are those of
the rounded weights. Reference networks keep full precision. `scripts/remake_weights.py` runs a
card's command again.
"""

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from torchcamp.base.paths import REFERENCE_NETWORKS, WEIGHTS
from torchcamp.evaluation.reference_networks import measures_key
from torchcamp.recipes.measures import measured, measured_part
from torchcamp.recipes.registry import find_recipe
from torchcamp.recipes.settings import hyperparameters, with_settings
from torchcamp.recipes.trained import load_trained
from torchcamp.training.run_folder import RunFolder

KEPT = (
    "recipe", "preset", "numbers", "data", "device", "device_name", "precision", "threads",
    "versions", "train_seconds", "summary",
)  # fmt: skip


# The HMM's tables hold probabilities too small for 16 bits, in rows that sum to one; the CNN is tiny.
EXACT = ("hmm", "cnn")


def command_of(description: dict[str, Any]) -> list[str]:
    """The command that trains the network of a run again.

    Raises:
        SystemExit: no preset has the run's settings.
    """
    settings = description["numbers"]
    recipe = find_recipe(description["recipe"], description["preset"])
    recipe = with_settings(recipe, [f"data={settings['data']}", f"seed={settings['seed']}"])
    recipe = recipe.for_data(recipe.load())  # as `train` does: the data fill in some settings
    if settings != json.loads(json.dumps(hyperparameters(recipe))):
        sys.exit(
            f"the {description['recipe']} was not trained with its preset's settings: "
            "its card's command would not reproduce it"
        )
    return [
        "torchcamp", "train", description["recipe"], "--preset", description["preset"],
        "--data", description["data"]["name"], "--seed", str(settings["seed"]), "--device", "cpu",
    ]  # fmt: skip


def ship(run: RunFolder) -> None:
    """Write the files of the model of `run`'s recipe."""
    description = run.description()
    name = description["recipe"]
    command = command_of(description)
    weights = load_file(run.path / "weights.safetensors")
    if name not in EXACT:
        weights = {k: v.half() if v.is_floating_point() else v for k, v in weights.items()}
    file = WEIGHTS / f"{name}.safetensors"
    save_file(weights, file)
    file.chmod(0o644)
    write_card(WEIGHTS / f"{name}.json", description, command, {})
    measure(name)


def measure(name: str) -> None:
    """Measure the shipped weights, and write the result into their card.

    The run's own measures will not do: the shipped weights are rounded, and the measures may have
    changed since.
    """
    trained = load_trained(name)
    evaluation = measured(trained, fresh=True, report=print)
    content = evaluation.as_json()
    kept: dict[str, Any] = {key: content[key] for key in ("measures", "details", "summary")}
    kept["measures_key"] = measures_key(trained.weights, trained.description["data"]["sha256"])
    kept["part"] = {name: part.as_json() for name, part in measured_part(trained).items()}
    path = WEIGHTS / f"{name}.json"
    path.write_text(json.dumps({**trained.description, **kept}, indent=2) + "\n")
    print(f"{name}: {evaluation.summary}")


def ship_reference_network(run: RunFolder) -> None:
    """Write the files of the reference network that `run` trained."""
    description = run.description()
    file, _, name = description["recipe"].rpartition(":")
    recipe = f"src/torchcamp/recipes/{Path(file).name}:{name}"
    command = ["torchcamp", "train", recipe, "--data", "mnist"]
    command += ["--seed", str(description["numbers"]["seed"]), "--device", "cpu"]
    REFERENCE_NETWORKS.mkdir(exist_ok=True)
    shutil.copy(run.path / "weights.safetensors", REFERENCE_NETWORKS / f"{name}.safetensors")
    kept = {"measures": description["measures"]}
    write_card(REFERENCE_NETWORKS / f"{name}.json", description, command, kept)


def write_card(
    path: Path, description: dict[str, Any], command: list[str], kept: dict[str, Any]
) -> None:
    card = {"command": shlex.join(command), **{key: description[key] for key in KEPT}, **kept}
    path.write_text(json.dumps(card, indent=2) + "\n")
    size = path.with_suffix(".safetensors").stat().st_size
    print(f"{path.stem}: {card['summary']}, {size / 1024:.0f} KiB")


def main(args: list[str]) -> None:
    flags = {arg for arg in args if arg.startswith("--")}
    for name_or_run in (arg for arg in args if arg not in flags):
        if "--measure" in flags:
            measure(name_or_run)
            continue
        run = RunFolder.open(Path(name_or_run))
        if not run.finished:
            sys.exit(f"{name_or_run} is not finished: torchcamp train --resume {name_or_run}")
        ship_reference_network(run) if "--reference" in flags else ship(run)


if __name__ == "__main__":
    main(sys.argv[1:])
