"""Our training loop against the usual one: same network, batch size, epochs and optimizer.

    python benchmarks/loader.py [--pairs 5] [--steps 400]

The usual loop reads single images through a transform in a `DataLoader` without workers, as in
tutorials: each image becomes a PIL picture, then a float tensor, is normalised, and the batch is
stacked. What torchvision's ToTensor and Normalize do is written out below, because nothing else
needs torchvision. Its model trains in fp32 on contiguous tensors.

Ours is the recipe without augmentation, once in the precision that it picks on this machine and
once in fp32. Each pair runs usual, ours, ours in fp32 in turn; ratios are taken within a pair, and
their median is printed. Everything runs once as a warm-up.
"""

import argparse
import copy
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from torchcamp.data.images import Images, load_images
from torchcamp.models import cnn, mlp
from torchcamp.recipes.classifier import ClassifierRecipe
from torchcamp.recipes.registry import find_recipe
from torchcamp.training.devices import resolve_precision
from torchcamp.training.loop import fit

GOALS = {"mlp": 5.0, "cnn": 2.2}
CPU = torch.device("cpu")
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


class UsualDataset(Dataset[tuple[Tensor, int]]):
    """One image at a time, through a transform."""

    def __init__(self, images: Images, normalise: bool = True) -> None:
        self.normalise = normalise
        self.images = images.train_images.squeeze(1)
        self.labels = images.train_labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.images[index].numpy())
        # ToTensor: copy the picture, permute its axes, divide by 255.
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        pixels = pixels.view(picture.size[1], picture.size[0], 1).permute(2, 0, 1).contiguous()
        tensor = pixels.to(dtype=torch.get_default_dtype()).div(255)
        if not self.normalise:
            return tensor, int(self.labels[index])
        # Normalize: copy, make mean and std tensors, check them, apply them.
        tensor = tensor.clone()
        mean = torch.as_tensor([0.1307], dtype=tensor.dtype)
        std = torch.as_tensor([0.3081], dtype=tensor.dtype)
        if (std == 0).any():
            raise ValueError("std is zero; expected a positive number")
        tensor.sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1))
        return tensor, int(self.labels[index])


def usual(network: nn.Module, recipe: ClassifierRecipe, images: Images, steps: int) -> float:
    """Images per second of the usual loop."""
    loader = DataLoader(
        UsualDataset(images), batch_size=recipe.batch_size, shuffle=True, drop_last=True
    )
    network = copy.deepcopy(network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    network.train()
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
    started, done, running = time.perf_counter(), 0, 0.0
    while done < steps:
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(network(inputs), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
            done += 1
            if done == steps:
                break
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
