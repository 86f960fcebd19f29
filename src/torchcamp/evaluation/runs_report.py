"""Several runs on one offline page: their curves together, what differs, and their measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torchcamp.evaluation.evaluation import Evaluation, Measure
from torchcamp.pages.charts import Series, line_chart, series_key
from torchcamp.pages.numbers import heading
from torchcamp.pages.page import render_page


@dataclass(frozen=True, kw_only=True)
class ShownRun:
    """A run as the page shows it: its folder's name, its run.json, and its metrics.jsonl."""

    name: str
    description: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


def render_runs(runs: Sequence[ShownRun]) -> str:
    """The page as text."""
    measured = [stored_measures(run.description) for run in runs]
    return render_page(
        "evaluation/runs.html",
        title=f"{len(runs)} runs side by side",
        names=[run.name for run in runs],
        descriptions=[run.description for run in runs],
        charts=charts_of(runs),
        key=series_key,
        settings=differing([run.description for run in runs]),
        measures=[
            (name, [measures.get(name) for measures in measured])
            for name in dict.fromkeys(name for measures in measured for name in measures)
        ],
    )


def charts_of(runs: Sequence[ShownRun]) -> list[dict[str, str]]:
    """One chart per quantity, with one line for each run that has it."""
    names = dict.fromkeys(
        name
        for run in runs
        for row in run.rows
        for name in row
        if name not in ("step", "epoch", "notice")
    )
    result = []
    for name in names:
        marks = name.startswith(("test_", "validation_"))
        series = [
            # A run without the quantity keeps its place, and so every run its colour.
            Series(
                name=run.name if any(name in row for row in run.rows) else "",
                points=[(row["epoch"], row[name]) for row in run.rows if name in row],
                marks=marks,
            )
            for run in runs
        ]
        title = {"loss": "Training loss", "accuracy": "Training accuracy"}.get(name, heading(name))
        chart = line_chart(title, series, "epoch", percent=name.endswith("accuracy"))
        result.append({"title": title, "svg": chart})
    return result


def differing(descriptions: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """The settings that are not the same for all runs, each with its value for every run."""
    flat = [
        {
            "recipe": each["recipe"],
            "preset": each["preset"],
            **_flat(each["numbers"]),
            **{name: each[name] for name in ("device", "precision", "threads") if name in each},
        }
        for each in descriptions
    ]
    rows = []
    for name in dict.fromkeys(name for values in flat for name in values):
        values = [str(each.get(name, "-")) for each in flat]
        if len(set(values)) > 1:
            rows.append((name, values))
    return rows


def stored_measures(description: Mapping[str, Any]) -> dict[str, Measure]:
    """The measures in a run.json; none while the run is unfinished."""
    if "measures" not in description:
        return {}
    content = {"details": {}, "summary": {}, **description, "data": ""}
    return Evaluation.from_json(content).measures


def _flat(numbers: Mapping[str, object]) -> dict[str, object]:
    rows: dict[str, object] = {}
    for name, value in numbers.items():
        rows |= value if isinstance(value, dict) else {name: value}
    return rows
