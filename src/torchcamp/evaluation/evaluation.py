"""What evaluating a trained model gives: its measures, and what a report shows of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
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
        """What `as_json` wrote, without sections.

        Runs and cards from before have no `balanced_accuracy` and `macro_f1`; both follow from the
        confusion matrix, which they have.
        """
        measures = {name: Measure(**values) for name, values in content["measures"].items()}
        if "confusion" in content["details"] and "macro_f1" not in measures:
            measures = with_balanced(measures, content["details"]["confusion"])
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


def with_balanced(
    measures: Mapping[str, Measure], confusion: Sequence[Sequence[int]]
) -> dict[str, Measure]:
    """`measures` with those that count every class alike, after the accuracy.

    As scikit-learn defines them: the balanced accuracy is the mean, over the classes that have
    images, of the share of each that is recognised; macro F1 is the mean, over the classes that
    have images or were answered, of

        F1_k = 2 c_kk / d_k,   d_k = images of class k + answers k

    Their errors: of the mean of independent shares, and by the delta method from the influence of
    one image of class i that was answered j, ( 2 [i = j] / d_i - F1_i / d_i - F1_j / d_j ) N / K.
    Their floors: what answering the most frequent class always gives.

    Args:
        measures: of a classifier; the accuracy comes first.
        confusion: (K, K) counts, row = true class, column = answer.
    """
    counts = torch.tensor(confusion, dtype=torch.float64)
    right, images, answers = counts.diagonal(), counts.sum(dim=1), counts.sum(dim=0)
    num_images, present = int(images.sum()), images > 0
    num_present = int(present.sum())
    recalls = right[present] / images[present]
    variance = (recalls * (1 - recalls) / images[present]).sum().item() / num_present**2
    balanced = Measure(
        value=recalls.mean().item(),
        error=math.sqrt(variance),
        floor=1 / num_present,
        ceiling=1.0,
        unit="share",
        num_samples=num_images,
    )
    seen = images + answers > 0
    total = (images + answers).clamp_min(1)
    f1 = 2 * right / total
    pull = f1 / total
    influence = torch.diag(2 / total) - pull[:, None] - pull[None, :]
    num_seen, largest = int(seen.sum()), images.max().item() / num_images
    macro = Measure(
        value=f1[seen].mean().item(),
        error=(counts * influence**2).sum().sqrt().item() / num_seen,
        floor=2 * largest / (1 + largest) / num_present,
        ceiling=1.0,
        unit="F1",
        num_samples=num_images,
    )
    (first, accuracy), *others = measures.items()
    return {first: accuracy, "balanced_accuracy": balanced, "macro_f1": macro, **dict(others)}
