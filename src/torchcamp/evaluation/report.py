"""A run's report: one offline page with its curves, its measures and what was run."""

import shlex
from pathlib import Path
from typing import Any

from torchcamp.data.pictures import gif_bytes
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.pages.charts import Series, line_chart
from torchcamp.pages.page import data_uri, render_page


def render_report(
    description: dict[str, Any],
    rows: list[dict[str, Any]],
    timing: list[dict[str, Any]],
    evaluation: Evaluation,
    frames: list[Path] | None = None,
) -> str:
    """The page as text.

    Args:
        description: the content of run.json.
        rows: of metrics.jsonl.
        timing: rows of timing.jsonl.
        evaluation: of the trained network.
        frames: pictures that were drawn from the same noise after each epoch.
    """
    seconds = sum(row["seconds"] for row in timing)
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
        # What a resumed run must reproduce; clock values stand outside of it.
        record={"rows": rows, "measures": evaluation.measures, "details": evaluation.details},
    )


def charts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One chart per quantity: `loss` beside `test_loss`, `accuracy` beside `test_accuracy`, rates."""
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
                name=_words(name) if len(names) > 1 else "",
                points=[(row["epoch"], row[name]) for row in rows if name in row],
                marks=name.startswith(("test_", "validation_")),
            )
            for name in names
        ]
        title = {"lr": "Learning rate"}.get(group, group.replace("_", " ").capitalize())
        result.append({"title": title, "svg": line_chart(series, x_label="epoch")})
    return result


def _words(name: str) -> str:
    named = {"loss": "training loss", "accuracy": "training accuracy"}
    return named.get(name, name.replace("_", " "))


def _flat(numbers: dict[str, Any]) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in numbers.items():
        if isinstance(value, dict):
            rows += [(f"{name}.{inner}", text) for inner, text in _flat(value)]
        else:
            rows.append((name, value))
    return rows
