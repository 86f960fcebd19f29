"""An epoch of persistent contrastive divergence against scikit-learn's; both scored by annealing.

    python benchmarks/rbm.py [--pairs 3] [--quality]

Statically binarised MNIST, 500 hidden units, batches of 100, 100 chains. Each round trains one
epoch with scikit-learn's `BernoulliRBM` in float32, one with ours in float32 and one with ours in
mixed precision, which `torchcamp train rbm` uses if the processor multiplies bfloat16. Each side runs
in a separate process, so that the libraries' threads do not get in each other's way. With --quality,
both RBMs are scored after ten epochs by the same forward and reverse annealing.
"""

import argparse
import functools
import multiprocessing
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from sklearn.neural_network import BernoulliRBM

from torchcamp.bench.peers import pcd_ours, pcd_sklearn
from torchcamp.data.images import Images, load_images
from torchcamp.evaluation.log_partition import (
    annealed_log_partition,
    reverse_annealed_log_partition,
)
from torchcamp.models import rbm
from torchcamp.recipes.images import as_bits

GOAL = 2.0
NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


def theirs(epochs: int) -> tuple[float, BernoulliRBM]:
    return pcd_sklearn(_images(), epochs)


def ours(epochs: int, precision: str) -> tuple[float, rbm.RBM]:
    return pcd_ours(_images(), epochs, precision)


@functools.cache
def _images() -> Images:
    return load_images("mnist")


def score(network: rbm.RBM, images: Images) -> str:
    """Nats per test image, estimated by annealing in both directions."""
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
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    spawn = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=spawn) as peer,
        ProcessPoolExecutor(1, mp_context=spawn) as own,
    ):
        own.submit(ours, 1, "fp32").result()  # warm-up
        peer.submit(theirs, 1).result()
        rounds = [
            [
                peer.submit(theirs, 1).result()[0],
                own.submit(ours, 1, "fp32").result()[0],
                own.submit(ours, 1, "bf16").result()[0],
            ]
            for _ in range(options.pairs)
        ]
    print(f"scikit-learn {statistics.median(row[0] for row in rounds):.2f} s an epoch")
    for column, precision in (1, "fp32"), (2, "bf16"):
        ratios = [row[0] / row[column] for row in rounds]
        print(
            f"ours in {precision} {statistics.median(row[column] for row in rounds):.2f} s: "
            f"{statistics.median(ratios):.2f} times as fast "
            f"({min(ratios):.2f} to {max(ratios):.2f}; goal {GOAL:.0f})"
        )
    if options.quality:
        seconds, model = theirs(10)
        network = rbm.RBM(rbm.RBMConfig())
        network.weight.data = torch.from_numpy(model.components_.T.astype(np.float32))
        network.visible_bias.data = torch.from_numpy(model.intercept_visible_.astype(np.float32))
        network.hidden_bias.data = torch.from_numpy(model.intercept_hidden_.astype(np.float32))
        network.chains = torch.from_numpy(model.h_samples_.astype(np.float32))
        print(f"scikit-learn, 10 epochs, {seconds:.0f} s: {score(network, _images())}")
        seconds, network = ours(10, "auto")
        print(f"ours, 10 epochs, {seconds:.0f} s: {score(network, _images())}")


if __name__ == "__main__":
    main()
