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
import torch.nn.functional as F
from loader import UsualDataset
from torch import Tensor, nn
from torch.utils.data import DataLoader

from torchcamp.data.augment import to_float
from torchcamp.data.images import Images, load_images
from torchcamp.models.vae import vae_loss
from torchcamp.recipes.vae import examples
from torchcamp.training.devices import resolve_precision
from torchcamp.training.loop import fit

GOALS = {"nats": 0.5, "speed": 4.0}
CPU = torch.device("cpu")
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


class UsualVAE(nn.Module):
    """The network as tutorials write it: the decoder ends with a sigmoid."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.mu, self.logvar = (
            nn.Linear(784, 400),
            nn.Linear(400, 20),
            nn.Linear(400, 20),
        )
        self.back, self.out = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = F.relu(self.hidden(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return torch.sigmoid(self.out(F.relu(self.back(z)))), mu, logvar


def usual_loss(network: UsualVAE, x: Tensor) -> Tensor:
    """Negative ELBO, summed over the batch."""
    x = x.view(-1, 784)
    probs, mu, logvar = network(x)
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return F.binary_cross_entropy(probs, x, reduction="sum") + kl


def usual(images: Images, epochs: int, seed: int) -> tuple[float, float]:
    """Seconds of training, and the test loss in nats per image."""
    torch.manual_seed(seed)
    loader = DataLoader(UsualDataset(images, normalise=False), batch_size=128, shuffle=True)
    network = UsualVAE()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    started, running = time.perf_counter(), 0.0
    for _ in range(epochs):
        for inputs, _ in loader:
            optimizer.zero_grad()
            loss = usual_loss(network, inputs)
            loss.backward()
            running += loss.item()
            optimizer.step()
    seconds = time.perf_counter() - started
    with torch.no_grad():
        test = sum(usual_loss(network, to_float(c)).item() for c in images.test_images.split(1000))
    return seconds, test / len(images.test_images)


def ours(images: Images, epochs: int, seed: int) -> tuple[float, float]:
    recipe = replace(examples(), data="mnist", epochs=epochs, seed=seed)
    training = recipe.build(CPU, images)
    training.evaluate, training.sample = dict, None
    precision = resolve_precision("auto", recipe.precisions, CPU)
    started = time.perf_counter()
    fit(training, num_epochs=epochs, device=CPU, precision=precision)
    seconds = time.perf_counter() - started
    network = training.network
    with torch.no_grad():
        test = [
            vae_loss(network, to_float(c))["loss"].item() * len(c)  # type: ignore[arg-type]
            for c in images.test_images.split(1000)
        ]
    return seconds, sum(test) / len(images.test_images)


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
