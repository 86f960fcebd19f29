"""Train the models that ship, and write their weights and cards into the package.

    python scripts/ship_weights.py [NAME...]

Each is an ordinary run on all training images; its card repeats the command, so that anyone can
make the same file.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from torchcamp.recipes.train import Reports, train
from torchcamp.recipes.trained import WEIGHTS
from torchcamp.training.run_folder import RunFolder

SEED = 0
SHIPPED = {"cnn": "default"}  # recipe -> preset
KEPT = (
    "recipe", "preset", "numbers", "data", "device", "precision", "threads", "versions",
    "train_seconds", "measures", "details", "summary",
)  # fmt: skip


def ship(name: str) -> None:
    """Train `name` and replace its two files."""
    preset = SHIPPED[name]
    with tempfile.TemporaryDirectory() as folder:
        outcome = train(
            name,
            preset=preset,
            data="mnist",
            seed=SEED,
            device="cpu",
            out=Path(folder),
            reports=Reports(line=print),
        )
        description = RunFolder.open(outcome.run).description()
        command = (
            f"torchcamp train {name} --preset {preset} --data mnist --seed {SEED} --device cpu"
        )
        card = {"command": command, **{key: description[key] for key in KEPT}}
        WEIGHTS.mkdir(exist_ok=True)
        shutil.copy(outcome.run / "weights.safetensors", WEIGHTS / f"{name}.safetensors")
        (WEIGHTS / f"{name}.json").write_text(json.dumps(card, indent=2) + "\n")
    size = (WEIGHTS / f"{name}.safetensors").stat().st_size
    print(f"{name}: {outcome.measures}, {size / 1024:.0f} KiB")


if __name__ == "__main__":
    for each in sys.argv[1:] or SHIPPED:
        ship(each)
