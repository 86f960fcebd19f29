"""Our training loop against the usual one: same network, batch size, epochs and optimizer.

    python benchmarks/loader.py [--pairs 5] [--steps 400]

The usual loop reads single images through a transform in a `DataLoader` without workers, as in
tutorials: each image becomes a PIL picture, then a float tensor, is normalised, and the batch is
stacked. It is the plain loop of `torchcamp bench` (`bench/plain_loops.py`), with shuffling and
normalisation of its own. Its model trains in fp32 on contiguous tensors.

Ours is the recipe without augmentation, once in the precision that it picks on this machine and
once in fp32. Each pair runs usual, ours, ours in fp32 in turn; ratios are taken within a pair, and
their median is printed. Everything runs once as a warm-up.
"""

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from torchcamp.bench.plain_loops import STEPS, PlainDataset
from torchcamp.data.images import Images, load_images
from torchcamp.models import cnn, mlp
from torchcamp.recipes.classifier import ClassifierRecipe
from torchcamp.recipes.registry import find_recipe
from torchcamp.training.devices import resolve_precision
from torchcamp.training.loop import fit

GOALS = {"mlp": 5.0, "cnn": 2.2}
CPU = torch.device("cpu")
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


def usual(network: nn.Module, recipe: ClassifierRecipe, images: Images, steps: int) -> float:
    """Images per second of the usual loop."""
    loader = DataLoader(
        PlainDataset(images, normalise=True),
        batch_size=recipe.batch_size,
        shuffle=True,
        drop_last=True,
    )
    step = STEPS["mlp"](recipe, {"network": network})
    started = time.perf_counter()
    epochs = itertools.chain.from_iterable(itertools.repeat(loader))
    for inputs, labels in itertools.islice(epochs, steps):
        step(inputs, labels)
    return steps * recipe.batch_size / (time.perf_counter() - started)


def ours(recipe: ClassifierRecipe, images: Images, steps: int, precision: str) -> float:
    """Images per second of `fit`, including its logging and schedule."""
    training = recipe.build(CPU, images)
    training.evaluate = dict
    seconds = 0.0

    def count(progress: object) -> None:
        nonlocal seconds
        seconds = time.perf_counter() - started

    done = 0
    inner = training.step

    def step(batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        nonlocal done
        done += 1
        return inner(batch)

    training.step = step
    started = time.perf_counter()
    fit(
        training,
        num_epochs=recipe.epochs,
        device=CPU,
        precision=precision,
        should_stop=lambda: done >= steps,
        on_progress=count,
    )
    return done * recipe.batch_size / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=400, help="steps of each side in a pair")
    options = parser.parse_args()
    if "TORCHCAMP_DATA" not in os.environ and NEIGHBOUR.is_dir():
        os.environ["TORCHCAMP_DATA"] = str(NEIGHBOUR)
    images = load_images("mnist")
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    for name, goal in GOALS.items():
        recipe = find_recipe(name)
        assert isinstance(recipe, ClassifierRecipe)
        recipe = replace(recipe, max_shift=0, data="mnist")
        precision = resolve_precision("auto", recipe.precisions, CPU)
        network = (
            cnn.CNN(recipe.model)
            if isinstance(recipe.model, cnn.CNNConfig)
            else mlp.MLP(recipe.model)
        )
        sides: dict[str, Callable[[int], float]] = {
            "usual": lambda n, w=network, r=recipe: usual(w, r, images, n),
            precision: lambda n, r=recipe, p=precision: ours(r, images, n, p),
            "fp32": lambda n, r=recipe: ours(r, images, n, "fp32"),
        }
        for run in sides.values():
            run(20)
        speeds = [
            {side: run(options.steps) for side, run in sides.items()} for _ in range(options.pairs)
        ]
        for side in dict.fromkeys([precision, "fp32"]):
            ratios = [speed[side] / speed["usual"] for speed in speeds]
            print(
                f"{name} in {side}: {statistics.median(s[side] for s in speeds):,.0f} images/s, usual "
                f"{statistics.median(s['usual'] for s in speeds):,.0f}: {statistics.median(ratios):.2f} times "
                f"({min(ratios):.2f} to {max(ratios):.2f}; goal {goal if side == precision else 1.0})"
            )
    print(f"load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
