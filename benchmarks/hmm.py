"""One iteration of EM against hmmlearn's and pomegranate's: same data, same initial tables.

    pip install --group bench -c constraints.txt       (once: pomegranate)
    python benchmarks/hmm.py [--pairs 7]

500 sequences of 100 symbols out of 50, 32 states. Each round runs all three in turn from the same
tables; ratios are taken within a round, and their median is printed. After one iteration the three
must agree on the new transition table.
"""

import argparse
import os
import statistics
import time
import warnings

import numpy as np
import torch
from hmmlearn.hmm import CategoricalHMM
from pomegranate.distributions import Categorical  # pyright: ignore[reportMissingImports]
from pomegranate.hmm import DenseHMM  # pyright: ignore[reportMissingImports]
from torch import Tensor

from torchcamp.models import hmm

NUM_SEQUENCES, LENGTH, NUM_SYMBOLS, NUM_STATES = 500, 100, 50, 32
GOALS = {"hmmlearn": 60.0, "pomegranate": 3.0}
Tables = tuple[np.ndarray, np.ndarray, np.ndarray]


def start() -> tuple[Tables, Tensor]:
    """Tables whose rows sum to one, and symbols (N, T)."""
    rng = np.random.default_rng(0)
    tables = (
        rng.dirichlet(np.ones(NUM_STATES)),
        rng.dirichlet(np.ones(NUM_STATES), NUM_STATES),
        rng.dirichlet(np.ones(NUM_SYMBOLS), NUM_STATES),
    )
    return tables, torch.from_numpy(rng.integers(0, NUM_SYMBOLS, (NUM_SEQUENCES, LENGTH)))


def ours(tables: Tables, symbols: Tensor) -> tuple[float, np.ndarray]:
    """Seconds of one iteration, and the new transition table."""
    config = hmm.HMMConfig(num_states=NUM_STATES, num_symbols=NUM_SYMBOLS, bernoulli=False)
    network = hmm.HMM(config)
    parameters = (network.initial, network.transition, network.emission)
    for parameter, table in zip(parameters, tables, strict=True):
        parameter.copy_(torch.from_numpy(table))
    lengths = torch.full((NUM_SEQUENCES,), LENGTH)
    started = time.perf_counter()
    hmm.train_step(network, (symbols, lengths))
    return time.perf_counter() - started, network.transition.numpy()


def hmmlearns(tables: Tables, symbols: Tensor) -> tuple[float, np.ndarray]:
    model = CategoricalHMM(
        NUM_STATES, n_iter=1, init_params="", params="ste", n_features=NUM_SYMBOLS
    )
    model.startprob_, model.transmat_, model.emissionprob_ = tables
    column, lengths = symbols.numpy().reshape(-1, 1), [LENGTH] * NUM_SEQUENCES
    started = time.perf_counter()
    model.fit(column, lengths)
    return time.perf_counter() - started, model.transmat_


def pomegranates(tables: Tables, symbols: Tensor) -> tuple[float, np.ndarray]:
    initial, transition, emission = (torch.from_numpy(t).float() for t in tables)
    model = DenseHMM(
        [Categorical(row[None]) for row in emission],
        edges=transition,
        starts=initial,
        ends=torch.full((NUM_STATES,), 1e-9),  # sequences end anywhere
    )
    column = symbols[:, :, None]
    started = time.perf_counter()
    model.summarize(column)
    model.from_summaries()
    seconds = time.perf_counter() - started
    assert model.edges is not None
    learned = model.edges.detach().exp()
    return seconds, (learned / learned.sum(dim=1, keepdim=True)).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # hmmlearn's about convergence after one iteration
    tables, symbols = start()
    contestants = {"torchcamp": ours, "hmmlearn": hmmlearns, "pomegranate": pomegranates}
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    learned = {name: run(tables, symbols)[1] for name, run in contestants.items()}  # warm-up
    for name, table in learned.items():
        difference = np.abs(table - learned["torchcamp"]).max()
        print(f"{name}: largest difference of a new transition probability {difference:.1e}")
        assert difference < 1e-4
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(options.pairs):
        for name, run in contestants.items():
            seconds[name].append(run(tables, symbols)[0])
    for name, values in seconds.items():
        line = f"{name}: {1000 * statistics.median(values):.1f} ms an iteration"
        if name in GOALS:
            ratios = [a / b for a, b in zip(values, seconds["torchcamp"], strict=True)]
            line += (
                f", ours is {statistics.median(ratios):.1f} times as fast "
                f"({min(ratios):.1f} to {max(ratios):.1f}; goal {GOALS[name]:.0f})"
            )
        print(line)


if __name__ == "__main__":
    main()
