"""Accuracy on MNIST's test set and seconds of training, over seeds.

    python benchmarks/accuracy.py [RECIPE[:PRESET]=SEEDS ...] [--set KEY=VALUE ...]

Without arguments: all recipes that have goals. The schedules are fixed and the final weights are
evaluated; nothing is chosen by the test images. Run it on an idle machine.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import torch

from torchcamp.recipes.train import Request, train

GOALS = {  # recipe:preset -> seeds, accuracy, seconds of training on 2 idle cores
    "cnn:fast": (10, 0.99, 6),
    "cnn:default": (5, 0.992, 20),
    "mlp:default": (5, 0.986, 60),
    "mlp:best": (5, 0.988, 120),
    "cnn:best": (5, 0.997, 300),
}
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipes", nargs="*", help="RECIPE[:PRESET][=SEEDS]")
    parser.add_argument("--set", dest="settings", action="append", default=[])
    options = parser.parse_args()
    if "TORCHCAMP_DATA" not in os.environ and NEIGHBOUR.is_dir():
        os.environ["TORCHCAMP_DATA"] = str(NEIGHBOUR)
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    for text in options.recipes or GOALS:
        name, _, seeds = text.partition("=")
        recipe, _, preset = name.partition(":")
        goal = GOALS.get(f"{recipe}:{preset or 'default'}")
        accuracies, seconds = [], []
        for seed in range(int(seeds) if seeds else goal[0] if goal else 1):
            with tempfile.TemporaryDirectory() as folder:
                outcome = train(
                    Request(
                        recipe,
                        preset=preset or None,
                        data="mnist",
                        seed=seed,
                        settings=options.settings,
                        out=Path(folder),
                    )
                )
            accuracies.append(next(v for k, v in outcome.measures.items() if "accuracy" in k))
            seconds.append(outcome.train_seconds)
            print(f"  {name} seed {seed}: {accuracies[-1]:.4f} in {seconds[-1]:.1f} s", flush=True)
        print(
            f"{name}: mean accuracy {statistics.mean(accuracies):.4f} "
            f"({min(accuracies):.4f} to {max(accuracies):.4f}, {len(accuracies)} seeds), "
            f"median {statistics.median(seconds):.1f} s"
            + (f"; goal {goal[1]} within {goal[2]} s" if goal else "")
        )
    print(f"load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
