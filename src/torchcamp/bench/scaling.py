"""A model of N devices that train one network together: how long their step takes.

Weak scaling: each device keeps its own batch of B items, so that N of them take N * B at a step. One step of
all N takes

    T(N)     =  L(N)  +  s * N * B  +  sum over the step's reductions of  R(n, N)
    R(n, N)  =  2 * (N - 1) * alpha  +  2 * (N - 1) / N * n * beta  +  n * gamma,      R(n, 1) = 0

and the efficiency is E(N) = T(1) / T(N): the share of N devices' work that is done. The parts are

    L(N)    the longest of N steps that devices take side by side, on average: all wait for the slowest
    s       seconds to shuffle one item; an epoch is shuffled whole by each device, and lasts as many
            steps as the data has times N * B items
    n       bytes of one reduction; gradients are reduced bucket by bucket
    alpha   seconds until a message arrives, however short it is
    beta    seconds that a byte takes on the wire
    gamma   seconds to pack a byte of gradients before the reduction and to unpack it afterwards

R is the ring algorithm: each device sends N - 1 parts of n / N bytes to its neighbour while sums build up,
and as many again while they go round (Patarasuk & Yuan, "Bandwidth optimal all-reduce algorithms for clusters of
workstations", 2009, section 4; alpha and beta as in Thakur, Rabenseifner & Gropp, "Optimization of collective
communication operations in MPICH", 2005, section 3). Nothing is assumed to go on beside the backward
pass, as on a processor core that both computes and sends; a device that does both at once loses less.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Link:
    """What joins the devices, and how fast they are.

    alpha: seconds of a message. beta: seconds of a byte. gamma: seconds to pack and unpack a byte.
    speed: of a device, in multiples of the one whose steps were measured.
    """

    name: str
    alpha: float
    beta: float
    gamma: float = 0.0
    speed: float = 1.0

    def all_reduce(self, num_bytes: float, num_devices: int) -> float:
        """Seconds of one reduction, R(n, N)."""
        if num_devices == 1:
            return 0.0
        others = num_devices - 1
        on_the_wire = 2 * others * (self.alpha + num_bytes / num_devices * self.beta)
        return on_the_wire + num_bytes * self.gamma / self.speed


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of one device, as measured.

    seconds: of each; not empty.
    batch_size: items of a step, B.
    reductions: bytes of each reduction in a step.
    shuffle: seconds for one item, s.
    """

    seconds: Sequence[float]
    batch_size: int
    reductions: Sequence[int]
    shuffle: float = 0.0


def longest(seconds: Sequence[float], number: int) -> float:
    """The largest of `number` values drawn from `seconds`, on average.

    Exact for draws with replacement: of n sorted values, the i-th is the largest with the probability
    (i / n)^number - ((i - 1) / n)^number. However large the number, it is no more than the largest value.
    """
    ends = np.linspace(0, 1, len(seconds) + 1) ** number
    return float(np.diff(ends) @ np.sort(seconds))


def step_seconds(steps: Steps, link: Link, num_devices: int) -> float:
    """T(N): seconds of a step that `num_devices` take together."""
    shuffling = steps.shuffle * num_devices * steps.batch_size
    reducing = sum(link.all_reduce(n, num_devices) for n in steps.reductions)
    return (longest(steps.seconds, num_devices) + shuffling) / link.speed + reducing


def efficiency(steps: Steps, link: Link, num_devices: int) -> float:
    """E(N): the share of `num_devices` devices' work that they do together."""
    return step_seconds(steps, link, 1) / step_seconds(steps, link, num_devices)


def most_that_pay(steps: Steps, link: Link, least: float = 0.5, limit: int = 10**6) -> int:
    """The most devices, up to `limit`, whose efficiency is not below `least`."""
    low, high = 1, limit
    while low < high:  # the efficiency falls with every device
        middle = (low + high + 1) // 2
        if efficiency(steps, link, middle) >= least:
            low = middle
        else:
            high = middle - 1
    return low


def fitted(num_bytes: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """alpha and beta from reductions of several sizes between two processes.

    R(n, 2) is 2 alpha + n beta on the wire. The line is that of the smallest squares of relative errors, so that
    short and long messages count alike; neither number is negative.

    Raises:
        ValueError: fewer than two sizes.
    """
    if len(set(num_bytes)) < 2:
        raise ValueError("a line needs reductions of two sizes or more")
    sizes, times = np.asarray(num_bytes, float), np.asarray(seconds, float)
    columns = np.stack([2 / times, sizes / times], axis=1)
    ones = np.ones(len(times))
    candidates = [np.linalg.lstsq(columns, ones, rcond=None)[0]]
    for kept in range(2):  # where one is negative, the best line without it
        only = np.zeros(2)
        only[kept] = columns[:, kept] @ ones / (columns[:, kept] @ columns[:, kept])
        candidates.append(only)
    allowed = [each for each in candidates if (each >= 0).all()]
    alpha, beta = min(allowed, key=lambda each: float(((columns @ each - 1) ** 2).sum()))
    return float(alpha), float(beta)


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """p of value = c * size^p: the slope of the line through the logarithms, by least squares.

    Raises:
        ValueError: fewer than two sizes.
    """
    if len(set(sizes)) < 2:
        raise ValueError("a slope needs two sizes or more")
    slope, _ = np.polyfit([math.log(size) for size in sizes], [math.log(v) for v in values], 1)
    return float(slope)
