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

import numpy as np
import torch

from torchcamp.bench.peers import EM_SIDES, em_ours, em_start

GOALS = {"hmmlearn": 60.0, "pomegranate": 3.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    tables, symbols = em_start()
    contestants = {"torchcamp": em_ours, **EM_SIDES}
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
