"""`torchcamp runs`"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from torchcamp.base.errors import RunError, suggest
from torchcamp.base.terminal import open_console
from torchcamp.cli.shared import json_option, number, print_json, say
from torchcamp.course.workspace import run_roots
from torchcamp.training.run_list import run_descriptions


@click.command("runs")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A page with the curves of the named runs in one picture, and what differs.",
)
@json_option
def command(runs: tuple[str, ...], page: Path | None, as_json: bool) -> int:
    """List the runs in ./runs and the workspace, or compare the named ones side by side.

    RUN is a folder, its name, or `latest`.
    """
    if page is not None and not runs:
        raise click.UsageError(f"name the runs to show: torchcamp runs RUN RUN --html {page}")
    if runs:
        chosen = [_describe(name) for name in runs]
        if page is not None:
            _write_page(chosen, page)
        if as_json:
            print_json(chosen)
        else:
            _print_comparison(chosen)
        return 0
    listed = [
        _listed(path, description) for path, description in run_descriptions(run_roots(), say)
    ]
    if as_json:
        print_json([row.as_json() for row in listed])
    elif not listed:
        say("no runs yet; make one with: torchcamp train cnn")
    else:
        _print_list(listed)
    return 0


@dataclass(frozen=True, kw_only=True)
class ListedRun:
    """One line of the list; the fields are those of run.json."""

    run: str
    recipe: str
    preset: str | None
    data: str
    seed: int | None
    started: str
    finished: str | None
    train_seconds: float | None
    summary: dict[str, float]

    def as_json(self) -> dict[str, object]:
        """Its fields, with the summary's entries among them."""
        fields = asdict(self)
        return fields | fields.pop("summary")


def _describe(name: str) -> dict[str, Any]:
    from torchcamp.evaluation.runs_report import stored_measures
    from torchcamp.recipes.trained import find_run
    from torchcamp.training.run_folder import RunFolder

    path = find_run(name, run_roots())
    if path is None:
        known = [path.name for path, _ in run_descriptions(run_roots())]
        hint = suggest(name, known, otherwise="List yours with: torchcamp runs")
        raise RunError(f"unknown run {name!r}. {hint}")
    description = RunFolder.open(path).description()
    measures = stored_measures(description)
    if measures:
        description["measures"] = {key: measure.as_json() for key, measure in measures.items()}
    return {"run": str(path), **description}


def _write_page(rows: Sequence[Mapping[str, Any]], page: Path) -> None:
    from torchcamp.base.files import save_text
    from torchcamp.evaluation.runs_report import ShownRun, render_runs
    from torchcamp.training.run_folder import RunFolder

    shown = [
        ShownRun(
            name=Path(row["run"]).resolve().name,
            description=row,
            rows=RunFolder(Path(row["run"])).rows("metrics.jsonl"),
        )
        for row in rows
    ]
    save_text(page, render_runs(shown))
    say(f"page: {page}")


def _listed(path: Path, description: Mapping[str, Any]) -> ListedRun:
    return ListedRun(
        run=str(path),
        recipe=description["recipe"],
        preset=description["preset"],
        data=description["data"]["name"],
        seed=description["numbers"].get("seed"),
        started=description["started"],
        finished=description["finished"],
        train_seconds=description.get("train_seconds"),
        summary=description.get("summary", {}),
    )


def _print_list(rows: Sequence[ListedRun]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("run", no_wrap=True, overflow="ignore")  # in one piece, to be copied
    for title in ("preset", "data", "seed"):
        table.add_column(title, overflow="fold")
    for title in ("training", "result"):
        table.add_column(title, justify="right")
    for row in rows:
        accuracies = [
            f"{name.replace('_', ' ')} {100 * value:.2f} %"
            for name, value in row.summary.items()
            if "accuracy" in name
        ]
        table.add_row(
            row.run,
            row.preset or "-",
            row.data,
            str(row.seed),
            f"{row.train_seconds:.1f} s" if row.train_seconds else "",
            accuracies[0] if accuracies else ("" if row.finished else "not finished"),
        )
    open_console().print(table)


def _print_comparison(rows: Sequence[Mapping[str, Any]]) -> None:
    """One column per run: the settings that differ, then all measures."""
    from rich.table import Table

    from torchcamp.evaluation.runs_report import differing

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for row in rows:
        table.add_column(Path(row["run"]).name, justify="right", overflow="fold")
    for name, values in differing(rows):
        table.add_row(name, *values)
    table.add_row("training seconds", *(_or_dash(row.get("train_seconds")) for row in rows))
    measured = [row.get("measures", {}) for row in rows]
    for name in dict.fromkeys(name for measures in measured for name in measures):
        table.add_row(
            name.replace("_", " "),
            *(
                f"{number(m[name]['value'])}"
                + (f" ± {m[name]['error']:.1g}" if m[name]["error"] is not None else "")
                if name in m
                else "-"
                for m in measured
            ),
        )
    open_console().print(table)


def _or_dash(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"
