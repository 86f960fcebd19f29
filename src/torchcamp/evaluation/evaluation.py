"""What judging a trained model gives: numbers, and what a report shows of them."""

import math
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

VERSION = 1  # raised when a measure is computed in another way: what is kept is then measured anew


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The measures of one model on one data set.

    measures: name -> value, error, floor, ceiling, unit, num_samples.
    summary: the few numbers that a training prints, such as `test_accuracy`.
    details: what is no single number (a confusion matrix); goes into JSON as it is.
    sections: the report's sections, as (template, its values).
    """

    data: str
    measures: dict[str, dict[str, Any]]
    summary: dict[str, float]
    details: dict[str, Any] = field(default_factory=dict)
    sections: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def measure(
    value: float,
    error: float | None,
    unit: str,
    num_samples: int,
    *,
    floor: float | None = None,
    ceiling: float | None = None,
) -> dict[str, Any]:
    """One entry of `Evaluation.measures`: a value with its standard error, and what bounds it.

    floor: what the worst sensible answer gets, or, of a distance, what real data gets.
    ceiling: what cannot be beaten, or what real data gets.
    """
    return {
        "value": value,
        "error": error,
        "floor": floor,
        "ceiling": ceiling,
        "unit": unit,
        "num_samples": num_samples,
    }


def share(hits: Tensor, unit: str = "share", **bounds: float | None) -> dict[str, Any]:
    """The mean of zeros and ones (N,) with its standard error sqrt( p (1 - p) / N )."""
    p = hits.double().mean().item()
    return measure(p, math.sqrt(p * (1 - p) / len(hits)), unit, len(hits), **bounds)


def mean(values: Tensor, unit: str, **bounds: float | None) -> dict[str, Any]:
    """The mean of independent values (N,) with its standard error, std / sqrt(N)."""
    values = values.double()
    error = values.std().item() / math.sqrt(len(values)) if len(values) > 1 else None
    return measure(values.mean().item(), error, unit, len(values), **bounds)
