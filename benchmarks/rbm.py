"""An epoch of persistent contrastive divergence against scikit-learn's, and both by our annealing.

    python benchmarks/rbm.py [--pairs 3] [--quality]

The statically binarised MNIST, 500 hidden units, batches of 100, 100 chains, float32. Each pair trains one
epoch with scikit-learn's `BernoulliRBM` and one with ours in turn. With --quality, scikit-learn's
machine after ten epochs and ours after ten are scored by the same two annealings.
"""

import argparse
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from sklearn.neural_network import BernoulliRBM

from torchcamp.data.images import Images, load_images
from torchcamp.evaluation.partition import annealed_log_partition, reverse_annealed_log_partition
from torchcamp.models import rbm
from torchcamp.recipes.images import as_bits
from torchcamp.recipes.rbm import default
from torchcamp.training.loop import fit

GOAL = 2.0
CPU = torch.device("cpu")
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


def theirs(pixels: np.ndarray, epochs: int, lr: float = 0.05) -> tuple[float, BernoulliRBM]:
    model = BernoulliRBM(500, learning_rate=lr, batch_size=100, n_iter=epochs, random_state=0)
    started = time.perf_counter()
    model.fit(pixels)
    return time.perf_counter() - started, model


def ours(images: Images, epochs: int) -> tuple[float, rbm.RBM]:
    """Seconds of the recipe's own loop, its schedule and its average included."""
    recipe = replace(default(), data="mnist", epochs=epochs, model=rbm.RBMConfig(num_chains=100))
    training = recipe.build(CPU, images)
    training.evaluate, training.sample = dict, None
    started = time.perf_counter()
    fit(training, num_epochs=epochs, device=CPU)
    return time.perf_counter() - started, training.network  # type: ignore[return-value]


def score(network: rbm.RBM, images: Images) -> str:
    """Nats per test image from both directions of annealing."""
    bits = images.binarised()
    mean = as_bits(bits.train_images).mean(dim=0).flatten()
    test = as_bits(bits.test_images).flatten(start_dim=1)
    with torch.no_grad():
        energy = rbm.free_energy(network, test).mean().item()
    rng = torch.Generator().manual_seed(0)
    forward = annealed_log_partition(network, mean, num_temperatures=7250, generator=rng)
    reverse = reverse_annealed_log_partition(network, mean, num_temperatures=7250, generator=rng)
    return (
        f"{energy + forward.value:.2f} nats by AIS (± {forward.error:.2f}), "
        f"{energy + reverse.value:.2f} by reverse AIS (± {reverse.error:.2f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--quality", action="store_true")
    options = parser.parse_args()
    if "TORCHCAMP_DATA" not in os.environ and NEIGHBOUR.is_dir():
        os.environ["TORCHCAMP_DATA"] = str(NEIGHBOUR)
    images = load_images("mnist")
    pixels = as_bits(images.binarised().train_images).flatten(start_dim=1).numpy()
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    ours(images.first(5000), 1)  # warm-up
    pairs = [(theirs(pixels, 1)[0], ours(images, 1)[0]) for _ in range(options.pairs)]
    ratios = [a / b for a, b in pairs]
    print(
        f"scikit-learn {statistics.median(a for a, _ in pairs):.2f} s, "
        f"ours {statistics.median(b for _, b in pairs):.2f} s an epoch: "
        f"{statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f}; "
        f"goal {GOAL:.0f})"
    )
    if options.quality:
        seconds, model = theirs(pixels, 10)
        network = rbm.RBM(rbm.RBMConfig())
        network.weight.data = torch.from_numpy(model.components_.T.astype(np.float32))
        network.visible_bias.data = torch.from_numpy(model.intercept_visible_.astype(np.float32))
        network.hidden_bias.data = torch.from_numpy(model.intercept_hidden_.astype(np.float32))
        network.chains = torch.from_numpy(model.h_samples_.astype(np.float32))
        print(f"scikit-learn, 10 epochs, {seconds:.0f} s: {score(network, images)}")
        seconds, network = ours(images, 10)
        print(f"ours, 10 epochs, {seconds:.0f} s: {score(network, images)}")


if __name__ == "__main__":
    main()
