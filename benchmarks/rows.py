"""Baselines for the HMM of rows on the same bits: independent pixels, a tree, a mixture.

    python benchmarks/rows.py [--components 500] [--iterations 30]

All use statically binarised MNIST and all 60,000 training images; results are nats per test image
with the standard error of the mean:

- independent pixels, each with its own frequency;
- the Chow-Liu tree (Chow & Liu, 1968): the spanning tree of largest mutual information, each pixel
  given its parent;
- a mixture of Bernoulli images by EM, initialised with smoothed training images.
"""

import argparse
import math
import os
from pathlib import Path

import numpy as np
import torch
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree
from torch import Tensor

from torchcamp.data.images import load_images
from torchcamp.recipes.images import as_bits

NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"
SMOOTHING = 0.1  # added to each count


def report(name: str, nats: Tensor) -> None:
    error = nats.std().item() / math.sqrt(len(nats))
    print(f"{name}: {nats.mean().item():.2f} ± {error:.2f} nats", flush=True)


def independent(train: Tensor, test: Tensor) -> Tensor:
    probs = (train.sum(0) + SMOOTHING) / (len(train) + 2 * SMOOTHING)
    return -(test * probs.log() + (1 - test) * (1 - probs).log()).sum(1)


def chow_liu(train: Tensor, test: Tensor) -> Tensor:
    """-log p of each test image under the tree."""
    count = len(train)
    both = (train.T @ train).double()  # how often both pixels are white
    ones = both.diagonal()
    tables = torch.stack(  # (2, 2, V, V): counts of (value of i, value of j)
        [
            torch.stack([count - ones[:, None] - ones + both, ones - both]),
            torch.stack([ones[:, None] - both, both]),
        ]
    )
    joint = (tables + SMOOTHING) / (count + 4 * SMOOTHING)
    first, second = joint.sum(1), joint.sum(0)  # of i, and of j
    information = (joint * (joint / (first[:, None] * second[None])).log()).sum((0, 1))
    tree = minimum_spanning_tree(-(information + 1e-9).numpy())
    order, parents = breadth_first_order(tree, 0, directed=False)
    log_probs = torch.zeros(len(test), dtype=torch.float64)
    for pixel in order.tolist():
        value = test[:, pixel].long()
        if parents[pixel] < 0:
            log_probs += first[:, pixel, 0].log()[value]
        else:
            parent = test[:, parents[pixel]].long()
            given = joint[:, :, parents[pixel], pixel]
            log_probs += (given / given.sum(1, keepdim=True)).log()[parent, value]
    return -log_probs


def mixture(train: Tensor, test: Tensor, components: int, iterations: int) -> Tensor:
    """-log p of each test image after `iterations` of EM."""
    torch.manual_seed(0)
    mean = train.mean(0)
    probs = 0.3 * train[torch.randperm(len(train))[:components]] + 0.7 * mean
    weights = torch.full((components,), 1 / components)

    def log_joint(images: Tensor) -> Tensor:
        p = probs.clamp(1e-4, 1 - 1e-4)
        return images @ (p.log() - (1 - p).log()).T + (1 - p).log().sum(1) + weights.log()

    for _ in range(iterations):
        counts, sums = torch.zeros(components), torch.zeros_like(probs)
        for images in train.split(5000):
            shares = log_joint(images).softmax(1)
            counts += shares.sum(0)
            sums += shares.T @ images
        probs = (sums + SMOOTHING * mean) / (counts + SMOOTHING)[:, None]
        weights = (counts + 1e-3) / (counts + 1e-3).sum()
    return torch.cat([-log_joint(images).logsumexp(1) for images in test.split(5000)])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--components", type=int, default=500)
    parser.add_argument("--iterations", type=int, default=30)
    options = parser.parse_args()
    if "TORCHCAMP_DATA" not in os.environ and NEIGHBOUR.is_dir():
        os.environ["TORCHCAMP_DATA"] = str(NEIGHBOUR)
    bits = load_images("mnist").binarised()
    train, test = (
        as_bits(images).flatten(start_dim=1) for images in (bits.train_images, bits.test_images)
    )
    assert np.isin(train.unique().numpy(), (0, 1)).all()
    report("independent pixels", independent(train, test))
    report("Chow-Liu tree", chow_liu(train, test))
    name = f"mixture of {options.components} Bernoulli images"
    report(name, mixture(train, test, options.components, options.iterations))


if __name__ == "__main__":
    main()
