"""The generative models over seeds: mean and spread of their measures, compared with the goals.

    python benchmarks/generative.py [RECIPE=SEEDS ...]     trains; takes hours for all of them
    python benchmarks/generative.py --runs RUN...          reads finished runs

Every model is trained on all 60,000 training images with its default preset and measured once.
"""

import argparse
import os
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from torchcamp.recipes.train import Request, train
from torchcamp.training.run_folder import RunFolder

GOALS = {  # recipe -> measure -> (must, aim)
    "hmm": {"nats": (112.0, 105.0)},
    "rbm": {"nats": (89.0, 87.0)},
    "vae": {"nats": (87.0, 85.2)},
    "rnn": {"nats": (93.0, 88.0)},
    "gan": {"frechet_ratio": (15.0, 5.0), "coverage": (0.75, 0.85)},
    "cgan": {
        "frechet_ratio": (4.0, 2.0),
        "coverage": (0.85, 0.92),
        "label_agreement": (0.99, 0.993),
        "classifier_accuracy": (0.0, 0.98),
    },
}
NUM_SEEDS = 3
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


def report(name: str, runs: list[dict[str, Any]]) -> None:
    """One line for each measure that has a goal."""
    seconds = statistics.median(run["train_seconds"] for run in runs)
    threads = {run["threads"] for run in runs}
    print(f"{name}: {len(runs)} seeds, median {seconds:.0f} s of training on {threads} threads")
    for measure, (must, aim) in GOALS[name].items():
        entries = [run["measures"][measure] for run in runs]
        values = [entry["value"] for entry in entries]
        error = max(entry["error"] for entry in entries)
        print(
            f"  {measure}: {statistics.mean(values):.4g} ({min(values):.4g} to {max(values):.4g}; "
            f"standard error of one {error:.2g}; must {must:g}, aim {aim:g})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipes", nargs="*", help="RECIPE[=SEEDS], or runs with --runs")
    parser.add_argument("--runs", action="store_true")
    options = parser.parse_args()
    if options.runs:
        by_recipe = defaultdict(list)
        for path in options.recipes:
            run = RunFolder.open(Path(path)).description()
            by_recipe[run["recipe"]].append(run)
        for name in GOALS:
            if by_recipe[name]:
                report(name, by_recipe[name])
        return
    if "TORCHCAMP_DATA" not in os.environ and NEIGHBOUR.is_dir():
        os.environ["TORCHCAMP_DATA"] = str(NEIGHBOUR)
    for text in options.recipes or GOALS:
        name, _, seeds = text.partition("=")
        runs = []
        for seed in range(int(seeds or NUM_SEEDS)):
            with tempfile.TemporaryDirectory() as folder:
                outcome = train(
                    Request(name, data="mnist", seed=seed, device="cpu", out=Path(folder))
                )
                runs.append(RunFolder.open(outcome.run).description())
        report(name, runs)


if __name__ == "__main__":
    main()
