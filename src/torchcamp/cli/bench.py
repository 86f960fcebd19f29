"""`torchcamp bench`"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from torchcamp.base.terminal import echo, open_console
from torchcamp.cli.shared import (
    Group,
    device_option,
    json_option,
    precision_option,
    print_json,
    say,
)

if TYPE_CHECKING:
    from torchcamp.bench.benchmark import Benchmark
    from torchcamp.bench.machine import Machine
    from torchcamp.bench.pairs import ModelResult
    from torchcamp.bench.peers import PeerResult
    from torchcamp.bench.progress import Progress
    from torchcamp.bench.speedrun import Lap, Speedrun

page_option = click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Also write a page.",
)


# Longer than 60 lines: one parameter for each option.
@click.group("bench", cls=Group, invoke_without_command=True)
@click.option(
    "--only", metavar="NAMES", help="Recipes, separated by commas, and the peers of these alone."
)
@click.option(
    "--pairs",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Runs of each side.  [default: 9, with --quick 3]",
)
@click.option("--quick", is_flag=True, help="Under a minute in place of a few minutes.")
@device_option
@precision_option
@page_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    only: str | None,
    pairs: int | None,
    quick: bool,
    device: str,
    precision: str,
    output: Path | None,
    as_json: bool,
) -> int | None:
    """Measure how near this machine's limit the recipes train.

    Measures the machine's best rates; then, for every recipe, images per second, the share of that
    limit, and how much faster it is than a plain loop of the same network on the same batches; and
    other libraries, where they are installed. Nothing is fetched, no run folder is made.

    torchcamp bench speedrun trains the fastest classifier of MNIST for several seeds.
    """
    if context.invoked_subcommand is not None:
        for parameter in context.command.params:
            source = context.get_parameter_source(parameter.name or "")
            if source == ParameterSource.COMMANDLINE:
                raise click.UsageError(
                    f"{parameter.opts[-1]} stands behind the name: torchcamp bench "
                    f"{context.invoked_subcommand} {parameter.opts[-1]} ..., if it has that option"
                )
        return None
    _require_page(output)
    from torchcamp.bench.benchmark import Ask, benchmark
    from torchcamp.bench.report import render_benchmark

    names = () if only is None else tuple(name.strip() for name in only.split(","))
    ask = Ask(only=names, num_pairs=pairs, quick=quick, device=device, precision=precision)
    with Display() as display:
        result = benchmark(ask, tell=display.update, found=_tell)
    if as_json:
        print_json(result.as_json())
    else:
        _print(result)
    _write_page(output, lambda: render_benchmark(result))
    return 0


@command.command("speedrun")
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    metavar="N",
    help="Trainings, with the seeds 0, 1, ...",
)
@device_option
@page_option
@json_option
def speedrun_command(seeds: int, device: str, output: Path | None, as_json: bool) -> int:
    """Train the fastest classifier of MNIST for several seeds, and print a table to send in."""
    _require_page(output)
    from torchcamp.bench.report import render_speedrun
    from torchcamp.bench.speedrun import PRESET, RECIPE, speedrun

    say(f"{RECIPE} --preset {PRESET} on MNIST, {seeds} seed{'s' * (seeds != 1)}")

    def finished(lap: "Lap") -> None:
        say(f"seed {lap.seed}: {100 * lap.test_accuracy:.2f} % in {lap.seconds:.2f} s")

    result = speedrun(range(seeds), device=device, report=say, finished=finished)
    if as_json:
        print_json(result.as_json())
    else:
        _print_speedrun(result)
    _write_page(output, lambda: render_speedrun(result))
    return 0


def _write_page(output: Path | None, render: Callable[[], str]) -> None:
    from torchcamp.base.files import save_text

    if output is not None:
        save_text(output, render())
        say(f"page: {output}")


def _require_page(output: Path | None) -> None:
    """Refuse a file of another kind, or one that cannot be written, before minutes have gone."""
    if output is None:
        return
    if output.suffix != ".html":
        raise click.UsageError(f"-o takes a file that ends in .html, not {output}")
    if not output.parent.is_dir():
        raise click.UsageError(f"{output.parent} is not a folder: make it first, or name another")


class Display:
    """A rich bar on a terminal, a line for each part elsewhere; both on standard error."""

    def __enter__(self) -> "Display":
        self.console = open_console(stderr=True)
        self.bar = None
        if self.console.is_terminal:
            from rich.progress import BarColumn, Progress, TextColumn

            self.bar = Progress(
                TextColumn("{task.fields[part]}", markup=False),
                BarColumn(bar_width=28),
                TextColumn("{task.percentage:3.0f} %"),
                TextColumn("{task.fields[left]}", style="dim", markup=False),
                console=self.console,
                transient=True,
            )
            self.task = self.bar.add_task("", total=1.0, part="", left="")
            self.bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def update(self, progress: "Progress") -> None:
        """Show what is being measured and how long the rest takes."""
        from torchcamp.pages.page import seconds_in_words

        left = f"about {seconds_in_words(round(progress.seconds_left))} left"
        if self.bar is not None:
            self.bar.update(
                self.task, completed=progress.share, part=progress.part.ljust(12), left=left
            )
        elif progress.begins:
            say(f"{progress.part} ... ({left})")


def _tell(result: "ModelResult | PeerResult") -> None:
    """One line for what has been measured."""
    from torchcamp.bench.pairs import ModelResult
    from torchcamp.bench.report import percent, rate, times

    if isinstance(result, ModelResult):
        say(
            f"{result.model}: {rate(result.items_per_second)} images/s, "
            f"{percent(result.fraction_of_peak)} of the peak in {result.precision}, "
            f"{times(result.speedup.median)} times the plain loop"
        )
    else:
        say(
            f"{result.name}: ours in {result.precision} is {times(result.ratio.median)} times as fast"
        )


def _print(result: "Benchmark") -> None:
    from rich.table import Table

    from torchcamp.bench.report import (
        best_rates,
        data_in_words,
        in_bytes,
        in_flops,
        percent,
        rate,
        times,
    )

    _print_machine(result.machine)
    best = [f"{in_flops(value)} in {precision}" for precision, value in best_rates(result).items()]
    copied = in_bytes(result.peaks.bandwidths[-1].bytes_per_second)
    echo(f"best rates: {', '.join(best)}; copying {copied}/s\n")
    # Narrow enough for 80 columns.
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("recipe", no_wrap=True)
    for title in (
        "batch", "in", "images/s", "of peak", "memory", "plain loop", "times", "interval",
    ):  # fmt: skip
        table.add_column(title, justify="right", no_wrap=True)
    for model in result.models:
        preset = "" if model.preset == "default" else f" {model.preset}"
        table.add_row(
            model.model + preset,
            str(model.batch_size),
            model.precision,
            rate(model.items_per_second),
            percent(model.fraction_of_peak),
            in_bytes(model.peak_bytes),
            rate(model.plain_items_per_second),
            f"{times(model.speedup.median)}",
            f"{times(model.speedup.low)} to {times(model.speedup.high)}",
        )
    console = open_console()
    if not console.is_terminal:
        console.width = 160  # a file has no width of its own
    console.print(table)
    if result.models:
        coverage = min(model.speedup.coverage for model in result.models)
        echo(
            f"\ndata: {'; '.join(data_in_words(result.models))}\nan interval holds the true median "
            f"ratio with a probability of at least {100 * coverage:.1f} %"
        )
    for peer in result.peers:
        echo(
            f"{peer.name} {peer.version}, {peer.work}: ours in {peer.precision} is "
            f"{times(peer.ratio.median)} times as fast ({times(peer.ratio.low)} to {times(peer.ratio.high)})"
        )
    if result.not_installed:
        echo(f"not installed, so not measured: {', '.join(result.not_installed)}")


def _print_speedrun(result: "Speedrun") -> None:
    from rich.table import Table

    _print_machine(result.machine)
    epochs = f"{result.epochs} epoch{'s' * (result.epochs != 1)}"
    echo(f"{result.recipe} --preset {result.preset} on MNIST, {epochs}, {result.precision}\n")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("seed", "seconds", "test accuracy"):
        table.add_column(title, justify="right")
    rows = [(str(lap.seed), lap.seconds, lap.test_accuracy) for lap in result.laps]
    for name, seconds, accuracy in [*rows, ("mean", result.mean_seconds, result.mean_accuracy)]:
        table.add_row(name, f"{seconds:.2f}", f"{100 * accuracy:.2f} %")
    open_console().print(table)


def _print_machine(machine: "Machine") -> None:
    from torchcamp.bench.report import machine_in_words, was_busy

    echo(machine_in_words(machine))
    if was_busy(machine):
        echo(
            f"the machine was busy: {machine.load_before:.1f} processes wanted to run in the minute "
            "before; run it again when nothing else runs"
        )
