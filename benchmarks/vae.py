"""The VAE of pytorch/examples, in a loop like the example's and in ours: same network, same loss.

    python benchmarks/vae.py [--epochs 10] [--seeds 1] [--speed]

784-400-20-400-784 with ReLU; binary cross-entropy of grey pixels, summed over pixels, plus the KL.
The usual loop reads single images through a `DataLoader` without workers and trains with Adam at
1e-3 on batches of 128 in fp32, as that example does; ours is the preset `examples`. Both test losses
are means over the 10,000 test images with one code each. --speed runs one epoch of each in turn,
three times, and prints no losses.
"""

import argparse
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

from torchcamp.bench.plain_loops import PlainDataset, copied, vae_step
from torchcamp.data.augment import to_float
from torchcamp.data.images import Images, load_images
from torchcamp.models.vae import vae_loss
from torchcamp.recipes.vae import examples
from torchcamp.training.devices import resolve_precision
from torchcamp.training.loop import fit

GOALS = {"nats": 0.5, "speed": 4.0}
CPU = torch.device("cpu")
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


def usual(images: Images, epochs: int, seed: int) -> tuple[float, float]:
    """Seconds of training, and the test loss in nats per image."""
    torch.manual_seed(seed)
    loader = DataLoader(PlainDataset(images), batch_size=128, shuffle=True)
    network = copied(examples().network())
    step = vae_step(network, torch.optim.Adam(network.parameters(), lr=1e-3))
    started = time.perf_counter()
    for _ in range(epochs):
        for inputs, labels in loader:
            step(inputs, labels)
    return time.perf_counter() - started, test_loss(network, images)


@torch.no_grad()
def test_loss(network: nn.Module, images: Images) -> float:
    """The negative ELBO of all test images with one code each, in nats per image."""
    losses = [
        vae_loss(network, to_float(c))["loss"].item() * len(c)  # type: ignore[arg-type]
        for c in images.test_images.split(1000)
    ]
    return sum(losses) / len(images.test_images)


def ours(images: Images, epochs: int, seed: int) -> tuple[float, float]:
    recipe = replace(examples(), data="mnist", epochs=epochs, seed=seed)
    training = recipe.build(CPU, images)
    training.evaluate, training.sample = dict, None
    precision = resolve_precision("auto", recipe.precisions, CPU)
    started = time.perf_counter()
    fit(training, num_epochs=epochs, device=CPU, precision=precision)
    seconds = time.perf_counter() - started
    return seconds, test_loss(training.network, images)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    if "TORCHCAMP_DATA" not in os.environ and NEIGHBOUR.is_dir():
        os.environ["TORCHCAMP_DATA"] = str(NEIGHBOUR)
    images = load_images("mnist")
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    ours(images.first(5000), 1, 0)  # warm-up
    epochs, rounds = (1, 3) if options.speed else (options.epochs, options.seeds)
    pairs = [(usual(images, epochs, seed), ours(images, epochs, seed)) for seed in range(rounds)]
    ratios = [a[0] / b[0] for a, b in pairs]
    print(
        f"{epochs} epochs: the usual loop {statistics.median(a[0] for a, _ in pairs):.1f} s, "
        f"ours {statistics.median(b[0] for _, b in pairs):.1f} s, "
        f"{statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f}; "
        f"goal {GOALS['speed']:.0f})"
    )
    if not options.speed:
        for seed, (a, b) in enumerate(pairs):
            print(
                f"seed {seed}: test loss {a[1]:.2f} the usual, {b[1]:.2f} ours, "
                f"{a[1] - b[1]:.2f} nats lower (goal {GOALS['nats']})"
            )


if __name__ == "__main__":
    main()
