"""A run's report: one offline page with its curves, its measures and what was run."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torchcamp.data.pictures import gif_bytes
from torchcamp.evaluation.data_sheet import DATA_SHEET
from torchcamp.evaluation.evaluation import Evaluation, Measure
from torchcamp.evaluation.meanings import meanings_of
from torchcamp.pages.charts import Series, line_chart
from torchcamp.pages.numbers import heading, name_in_words
from torchcamp.pages.page import data_uri, render_page


def render_report(
    description: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    timing: Sequence[Mapping[str, float]],
    evaluation: Evaluation,
    frames: list[Path] | None = None,
) -> str:
    """The page as text.

    Args:
        description: the content of run.json.
        rows: of metrics.jsonl.
        timing: rows of timing.jsonl.
        evaluation: of the trained network.
        frames: files of the pictures drawn from the same noise after each epoch.
    """
    seconds = sum(row["seconds"] for row in timing)
    content = evaluation.as_json()
    names = [f"accuracy_{name}" for name in evaluation.details.get("class_names", ())]
    return render_page(
        "evaluation/report.html",
        title=f"{description['recipe']} on {description['data']['name']}",
        description=description,
        command=shlex.join(description["command"]),
        epochs_run=round(max((row["epoch"] for row in rows), default=0)),
        numbers=_flat(description["numbers"]),
        charts=charts(rows, description.get("best_epoch")),
        film=data_uri(gif_bytes(frames), "image/gif") if frames else None,
        film_end=data_uri(frames[-1].read_bytes(), "image/png") if frames else None,
        lead=_lead(evaluation),
        headlines=_headlines(evaluation.measures),
        measures={k: v for k, v in evaluation.measures.items() if k not in names},
        class_measures={
            name.removeprefix("accuracy_"): evaluation.measures[name]
            for name in names
            if name in evaluation.measures
        },
        meanings=meanings_of(evaluation.measures),
        opening=[each for each in evaluation.sections if each[0] == DATA_SHEET],
        sections=[each for each in evaluation.sections if each[0] != DATA_SHEET],
        train_seconds=seconds,
        # What a resumed run must reproduce, so without clock values.
        record={"rows": rows, **{key: content[key] for key in ("measures", "details")}},
    )


def _lead(evaluation: Evaluation) -> str:
    """A classifier's result in a sentence: `349 of 360 pictures right. ...`"""
    confusion, accuracy = evaluation.details.get("confusion"), evaluation.measures.get("accuracy")
    if not confusion or not accuracy:
        return ""
    names = evaluation.details["class_names"]
    right = sum(row[label] for label, row in enumerate(confusion))
    result = f"{right:,} of {accuracy.num_samples:,} pictures right."
    mistakes = [
        (count, label, said)
        for label, row in enumerate(confusion)
        for said, count in enumerate(row)
        if said != label
    ]
    count, label, said = max(mistakes, default=(0, 0, 0))
    if not count:
        return result
    times = "once" if count == 1 else f"{count:,} times"
    return f"{result} Its commonest mistake: it takes {names[label]} for {names[said]}, {times}."


def _headlines(measures: Mapping[str, Measure]) -> list[tuple[str, Measure]]:
    """The first measure and, for a classifier, those that do not favour large classes."""
    names = [*list(measures)[:1], "balanced_accuracy", "macro_f1"]
    return [(name, measures[name]) for name in names if name in measures]


def charts(
    rows: Sequence[Mapping[str, Any]], best_epoch: float | None = None
) -> list[dict[str, str]]:
    """One chart per quantity: `loss` with `test_loss`, `accuracy` with `test_accuracy`, rates.

    A quantity that was measured once has none: a single dot shows no course.

    Args:
        rows: of metrics.jsonl.
        best_epoch: whose weights were kept, marked in the charts that have values after epochs.
    """
    groups: dict[str, list[str]] = {}
    for row in rows:
        for name in row:
            if name in ("step", "epoch", "notice"):
                continue
            group = name.removeprefix("test_").removeprefix("validation_")
            group = "lr" if name.endswith("_lr") else group
            names = groups.setdefault(group, [])
            if name not in names:
                names.append(name)
    result = []
    for group, names in groups.items():
        series = [
            Series(
                name=_label(name) if len(names) > 1 else "",
                points=[(row["epoch"], row[name]) for row in rows if name in row],
                marks=name.startswith(("test_", "validation_")),
            )
            for name in names
        ]
        if all(len(line.points) < 2 for line in series):
            continue
        title = heading(group)
        mark = best_epoch if any(line.marks for line in series) else None
        chart = line_chart(
            title,
            series,
            "epoch",
            mark=mark,
            mark_label="weights kept",
            percent=group.endswith("accuracy"),
        )
        result.append({"title": title, "svg": chart})
    return result


def _label(name: str) -> str:
    labels = {"loss": "training loss", "accuracy": "training accuracy"}
    return labels.get(name, name_in_words(name))


def _flat(numbers: Mapping[str, object]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            rows += [(f"{name}.{inner}", text) for inner, text in _flat(value)]
        else:
            rows.append((name, value))
    return rows
