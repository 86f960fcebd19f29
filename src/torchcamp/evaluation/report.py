"""A run's report: one offline page with its curves, its measures and what was run."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torchcamp.data.pictures import gif_bytes
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.pages.charts import Series, line_chart
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
    main = next(iter(evaluation.measures.items()), None)
    return render_page(
        "evaluation/report.html",
        title=f"{description['recipe']} on {description['data']['name']}",
        description=description,
        command=shlex.join(description["command"]),
        numbers=_flat(description["numbers"]),
        charts=charts(rows),
        film=data_uri(gif_bytes(frames), "image/gif") if frames else None,
        measures=evaluation.measures,
        headline=main,
        sections=evaluation.sections,
        train_seconds=seconds,
        # What a resumed run must reproduce, so without clock values.
        record={"rows": rows, **{key: content[key] for key in ("measures", "details")}},
    )


def charts(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """One chart per quantity: `loss` with `test_loss`, `accuracy` with `test_accuracy`, rates."""
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
        title = {"lr": "Learning rate"}.get(group, group.replace("_", " ").capitalize())
        result.append({"title": title, "svg": line_chart(series, x_label="epoch")})
    return result


def _label(name: str) -> str:
    labels = {"loss": "training loss", "accuracy": "training accuracy"}
    return labels.get(name, name.replace("_", " "))


def _flat(numbers: Mapping[str, object]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            rows += [(f"{name}.{inner}", text) for inner, text in _flat(value)]
        else:
            rows.append((name, value))
    return rows
