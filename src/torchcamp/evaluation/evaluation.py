"""What evaluating a trained model gives: its measures, and what a report shows of them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import Tensor

from torchcamp.base import notebook

VERSION = 1  # raised when a measure is computed differently: stored measures are then taken anew


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measured value with its standard error, and what bounds it.

    value: the measure itself.
    error: its standard error, or None where there is no estimate.
    floor: what the worst sensible answer scores or, for a distance, what real data score.
    ceiling: what cannot be beaten, or what real data score.
    unit: of the value, error, floor and ceiling.
    num_samples: how many images, sequences or characters it was taken on.
    """

    value: float
    error: float | None
    floor: float | None = None
    ceiling: float | None = None
    unit: str
    num_samples: int

    def as_json(self) -> dict[str, object]:
        """Its fields, as run.json and the cards hold them."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The measures of one model on one data set.

    data: the data set's name.
    measures: name -> measure.
    summary: the few numbers that a training prints, such as `test_accuracy`.
    details: anything that is not a scalar, e.g. a confusion matrix; stored as is.
    sections: the report's sections, as (template, its values); empty where the measures come from
        a file.
    """

    data: str
    measures: dict[str, Measure]
    summary: dict[str, float]
    details: dict[str, Any] = field(default_factory=dict)
    sections: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """What run.json and the cards keep: everything but the sections."""
        return {
            "data": self.data,
            "measures": {name: measure.as_json() for name, measure in self.measures.items()},
            "details": self.details,
            "summary": self.summary,
        }

    def _repr_html_(self) -> str:
        """A table of the measures, for a notebook."""
        header = ("", "value", "± error", "floor", "ceiling", "samples", "unit")
        rows = [
            (
                notebook.text(name.replace("_", " ")),
                notebook.bold(f"{each.value:.4g}"),
                *("" if x is None else f"{x:.4g}" for x in (each.error, each.floor, each.ceiling)),
                f"{each.num_samples:,}",
                notebook.text(each.unit),
            )
            for name, each in self.measures.items()
        ]
        return f"<p>on {notebook.bold(self.data)}</p>{notebook.table(rows, header)}"

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Evaluation":
        """What `as_json` wrote, without sections."""
        measures = {name: Measure(**values) for name, values in content["measures"].items()}
        return cls(
            data=content["data"],
            measures=measures,
            summary=content["summary"],
            details=content["details"],
        )


def share(
    hits: Tensor, unit: str = "share", *, floor: float | None = None, ceiling: float | None = None
) -> Measure:
    """The mean of zeros and ones (N,) with its standard error sqrt( p (1 - p) / N )."""
    p = hits.double().mean().item()
    return Measure(
        value=p,
        error=math.sqrt(p * (1 - p) / len(hits)),
        unit=unit,
        num_samples=len(hits),
        floor=floor,
        ceiling=ceiling,
    )


def mean(
    values: Tensor, unit: str, *, floor: float | None = None, ceiling: float | None = None
) -> Measure:
    """The mean of independent values (N,) with its standard error, std / sqrt(N)."""
    values = values.double()
    error = values.std().item() / math.sqrt(len(values)) if len(values) > 1 else None
    return Measure(
        value=values.mean().item(),
        error=error,
        unit=unit,
        num_samples=len(values),
        floor=floor,
        ceiling=ceiling,
    )
