"""Put finished runs into the package as the models that ship: weights and card.

    python scripts/ship_weights.py RUN...              as the model of the run's recipe
    python scripts/ship_weights.py --judge RUN...      as the judge of the run's function

Weights of models are kept as 16-bit numbers, and the card's measures are those of the rounded
weights. Judges keep all their bits. `scripts/remake_weights.py` runs a card's command again.
"""

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from torchcamp.evaluation.judges import JUDGES
from torchcamp.recipes.measured import measured, measured_part, measures_key
from torchcamp.recipes.trained import WEIGHTS, load_trained
from torchcamp.training.run_folder import RunFolder

KEPT = (
    "recipe", "preset", "numbers", "data", "device", "device_name", "precision", "threads",
    "versions", "train_seconds", "summary",
)  # fmt: skip


def ship(run: RunFolder) -> None:
    """Write the files of the model of `run`'s recipe."""
    description = run.description()
    name = description["recipe"]
    command = ["torchcamp", "train", name, "--preset", description["preset"]]
    command += ["--data", description["data"]["name"]]
    command += ["--seed", str(description["numbers"]["seed"]), "--device", "cpu"]
    weights = load_file(run.path / "weights.safetensors")
    rounded = {k: v.half() if v.is_floating_point() else v for k, v in weights.items()}
    save_file(rounded, WEIGHTS / f"{name}.safetensors")
    write_card(WEIGHTS / f"{name}.json", description, command, {})
    # The rounded weights are other weights: they are measured, not the run's.
    trained = load_trained(name)
    known = measured(trained, fresh=True, report=print)
    kept = {key: known[key] for key in ("measures", "details", "summary")}
    kept["part"] = measured_part(trained)
    kept["measures_key"] = measures_key(
        WEIGHTS / f"{name}.safetensors", description["data"]["sha256"]
    )
    write_card(WEIGHTS / f"{name}.json", description, command, kept)


def ship_judge(run: RunFolder) -> None:
    """Write the files of the judge that `run`'s function made."""
    description = run.description()
    place, _, name = description["recipe"].rpartition(":")
    place = f"src/torchcamp/recipes/{Path(place).name}"
    command = ["torchcamp", "train", f"{place}:{name}", "--data", "mnist"]
    command += ["--seed", str(description["numbers"]["seed"]), "--device", "cpu"]
    JUDGES.mkdir(exist_ok=True)
    shutil.copy(run.path / "weights.safetensors", JUDGES / f"{name}.safetensors")
    kept = {"measures": description["measures"]}
    write_card(JUDGES / f"{name}.json", description, command, kept)


def write_card(
    path: Path, description: dict[str, Any], command: list[str], kept: dict[str, Any]
) -> None:
    card = {"command": shlex.join(command), **{key: description[key] for key in KEPT}, **kept}
    path.write_text(json.dumps(card, indent=2) + "\n")
    size = path.with_suffix(".safetensors").stat().st_size
    print(f"{path.stem}: {card['summary']}, {size / 1024:.0f} KiB")


def main(args: list[str]) -> None:
    as_judge = "--judge" in args
    for path in (arg for arg in args if arg != "--judge"):
        run = RunFolder.open(Path(path))
        if not run.finished:
            sys.exit(f"{path} is not finished")
        ship_judge(run) if as_judge else ship(run)


if __name__ == "__main__":
    main(sys.argv[1:])
