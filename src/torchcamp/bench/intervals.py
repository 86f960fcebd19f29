"""The median of a few ratios, and between which two of them the true median lies."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times as fast one side was, over several pairs.

    low, high: an interval that holds the true median with the probability `coverage`, whatever the
        distribution of the ratios.
    """

    median: float
    low: float
    high: float
    coverage: float
    num_pairs: int


def ratio_of(ratios: Sequence[float]) -> Ratio:
    """The median of the pairs' ratios with an interval from their order statistics.

    Of n sorted values, those numbered k and n + 1 - k enclose the median of their distribution with
    the probability 1 - 2 * sum_{i < k} C(n, i) / 2^n (Conover, "Practical Nonparametric Statistics",
    section 3.2). The largest k with `CONFIDENCE` or more is taken; with fewer than six values none
    has it, and the interval is from the smallest to the largest.

    Raises:
        ValueError: no ratios.
    """
    if not ratios:
        raise ValueError("an interval needs one or more ratios")
    ordered, n = sorted(ratios), len(ratios)
    number = max((k for k in range(1, n // 2 + 1) if coverage(n, k) >= CONFIDENCE), default=1)
    return Ratio(
        median=statistics.median(ordered),
        low=ordered[number - 1],
        high=ordered[n - number],
        coverage=coverage(n, number),
        num_pairs=n,
    )


def coverage(n: int, k: int) -> float:
    """The probability that the k-th smallest and k-th largest of n values enclose the median."""
    return 1 - 2 * sum(math.comb(n, i) for i in range(k)) / 2**n
