"""What judging a trained model gives: numbers, and what a report shows of them."""

from dataclasses import dataclass, field
from typing import Any


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
