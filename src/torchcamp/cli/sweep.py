"""`torchcamp sweep`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.base.terminal import echo, open_console
from torchcamp.cli.shared import (
    SEED,
    Finite,
    data_option,
    device_option,
    json_option,
    out_option,
    precision_option,
    preset_option,
    print_json,
    say,
)

if TYPE_CHECKING:
    from torchcamp.recipes.sweep_result import Sweep, Trial


# Longer than 60 lines: one parameter for each option.
@click.command("sweep")
@click.argument("recipe")
@preset_option
@data_option
@click.option("--epochs", type=int, help="Passes through the training data, in each trial.")
@click.option("--seed", type=SEED, help="Of every trial, and of the choice of settings.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUES",
    help="A range a..b, choices a,b,c, or one value for all trials; may be repeated.",
)
@click.option(
    "--trials",
    type=click.IntRange(max=10**6),
    default=20,
    show_default=True,
    help="Trainings in all.",
)
@click.option("--hours", type=Finite(min=0), help="Begin no trial after so many hours.")
@device_option
@precision_option
@out_option
@json_option
def command(
    recipe: str,
    preset: str | None,
    data: str | None,
    epochs: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    trials: int,
    hours: float | None,
    device: str,
    precision: str,
    out: Path,
    as_json: bool,
) -> int:
    """Look for good settings of RECIPE: many trainings, each judged on held-out training data.

    --set lr=1e-4..1e-2 tries rates in between (on a logarithmic scale where the ends are a factor
    of ten apart or more), --set batch_size=64,128,256 these three. Where a setting holds several
    numbers, | separates its choices: --set "channels=8,16,32|16,32,64".

    Every trial is a run folder inside the sweep's. Trials worse than the median of the others are
    stopped early. Ctrl-C keeps what is done; the same command goes on.
    """
    from torchcamp.cli.train import Stop
    from torchcamp.recipes.sweep import SweepReports, sweep
    from torchcamp.recipes.train import Request

    stop = Stop()
    request = Request(
        recipe,
        preset=preset,
        settings=settings,
        data=data,
        epochs=epochs,
        seed=seed,
        device=device,
        precision=precision,
        out=out,
        command=["torchcamp", *sys.argv[1:]],
    )
    reports = SweepReports(line=say, started=_begin, trial=_tell, should_stop=stop.asked)
    with stop:
        result = sweep(request, trials, reports, hours=hours)
    if as_json:
        print_json(result.as_json())
    else:
        _print(result)
    say(f"page: {result.folder / 'sweep.html'}")
    if stop.wanted and not result.finished:
        say("stopped; the same command goes on")
        return 130
    return 0 if result.best else 1


def _begin(sweep: "Sweep") -> None:
    how = "each combination once" if sweep.finite else "chosen by Optuna"
    say(f"{sweep.num_trials} trials of {sweep.recipe} on {sweep.data}, {how} -> {sweep.folder}")
    for each in sweep.space:
        say(f"  {each}")
    say(f"judged by {_title(sweep)} on held-out training data, not on the test set")
    if sweep.trials:
        say(f"{len(sweep.trials)} are done already")


def _tell(sweep: "Sweep", trial: "Trial") -> None:
    """One line for a trial that has ended."""
    from torchcamp.pages.page import seconds_in_words

    settings = " ".join(f"{name}={text}" for name, text in trial.settings.items())
    if trial.state == "failed":
        result = f"failed: {trial.reason}"
    elif trial.state == "pruned":
        result = f"{_value(sweep, trial)} after epoch {trial.epochs}, stopped early"
    else:
        result = _value(sweep, trial)
    best = f", best {_value(sweep, sweep.best)} (trial {sweep.best.number})" if sweep.best else ""
    left = f"; {seconds_in_words(sweep.seconds_left)} left" if not sweep.finished else ""
    say(f"trial {trial.number} of {sweep.num_trials}: {settings}: {result}{best}{left}")


def _print(sweep: "Sweep") -> None:
    from rich.table import Table
    from rich.text import Text

    from torchcamp.pages.page import seconds_in_words

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("trial", *(each.name for each in sweep.space), _title(sweep), "epochs", "time"):
        table.add_column(title, justify="right")
    table.add_column("")
    ends = {"done": "", "pruned": "stopped early", "failed": "failed"}
    for trial in sweep.trials:
        table.add_row(
            str(trial.number),
            *(trial.settings[each.name] for each in sweep.space),
            _value(sweep, trial),
            str(trial.epochs),
            seconds_in_words(trial.seconds),
            Text("best", "bold") if trial == sweep.best else ends[trial.state],
        )
    console = open_console()
    if not console.is_terminal:
        console.width = 160  # a file has no width of its own
    console.print(table)
    if sweep.best is None:
        echo("no trial came to its end")
        return
    echo(f"\nbest: {_title(sweep)} {_value(sweep, sweep.best)} with trial {sweep.best.number}")
    echo(f"train with its settings on all training data:\n  {sweep.command}")


def _title(sweep: "Sweep") -> str:
    return sweep.objective.replace("_", " ")


def _value(sweep: "Sweep", trial: "Trial") -> str:
    if trial.value is None:
        return "-"
    if sweep.objective.endswith("accuracy"):
        return f"{100 * trial.value:.2f} %"
    return f"{trial.value:.4g}"
