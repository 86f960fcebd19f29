"""`torchcamp train`"""

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from torchcamp.base.errors import RunError
from torchcamp.base.leaving import ASKING
from torchcamp.base.loading import without_collecting
from torchcamp.base.terminal import open_console
from torchcamp.cli.shared import (
    SEED,
    Stopped,
    allow_own_code,
    data_option,
    device_option,
    json_option,
    out_option,
    precision_option,
    preset_option,
    print_json,
    say,
    settings_option,
    trust_option,
)
from torchcamp.course.workspace import run_roots

if TYPE_CHECKING:
    from torchcamp.training.loop import Progress, Training
    from torchcamp.training.run_folder import RunFolder


# Longer than 60 lines: one parameter for each option.
@click.command("train")
@click.argument("recipe", required=False)
@preset_option
@data_option
@click.option("--epochs", type=int, help="Passes through the training data.")
@click.option(
    "--seed", type=SEED, help="Of the initial weights, the order of the data and the augmentation."
)
@click.option("--lr", help="The learning rate: its peak, where the recipe lets it rise and fall.")
@click.option("--batch-size", help="Training items per step.")
@click.option(
    "--size",
    help="Of your own pictures: 64, or 48x64 (height x width).  [default: from the pictures]",
)
@click.option(
    "--colour", help="Of your own pictures: rgb, grey or auto.  [default: colour if they have any]"
)
@click.option("--encoding", metavar="NAME", help="Of your own text or sequences.  [default: utf-8]")
@click.option(
    "--from",
    "start",
    metavar="RUN_OR_MODEL_OR_FILE",
    help="Begin with these weights; without RECIPE, also with that run's recipe and settings.",
)
@click.option("--freeze", metavar="features", help="Train the last layer only.")
@device_option
@precision_option
@settings_option
@out_option
@click.option(
    "--log",
    "logs",
    multiple=True,
    metavar="NAME",
    help="Also log to tensorboard, wandb or mlflow; may be repeated. The run folder has it all.",
)
@click.option(
    "--resume", "resumed", type=click.Path(path_type=Path), metavar="RUN", help="Continue a run."
)
@click.option(
    "--graphs/--no-graphs",
    default=None,
    help="On an NVIDIA GPU: replay each step as one CUDA graph.  [default: no, or as the run began]",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Train in N processes on this machine; for several machines use torchrun.",
)
@click.option(
    "--shard",
    is_flag=True,
    help="With several processes: each keeps a part of weights, gradients and optimizer only.",
)
@click.option(
    "--sync-batch-norm",
    is_flag=True,
    help="With several processes: batch norm over the whole batch, not over each one's part.",
)
@click.option(
    "--max-restarts",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    show_default=True,
    help="With --processes: go on from the last checkpoint after a process has died, up to N times.",
)
@trust_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    recipe: str | None,
    preset: str | None,
    data: str | None,
    epochs: int | None,
    seed: int | None,
    lr: str | None,
    batch_size: str | None,
    size: str | None,
    colour: str | None,
    encoding: str | None,
    start: str | None,
    freeze: str | None,
    device: str,
    precision: str,
    settings: tuple[str, ...],
    out: Path,
    logs: tuple[str, ...],
    resumed: Path | None,
    graphs: bool | None,
    processes: int | None,
    shard: bool,
    sync_batch_norm: bool,
    max_restarts: int,
    trust: bool,
    as_json: bool,
) -> int:
    """Train RECIPE: mlp, cnn, resnet, hmm, rbm, vae, rnn, gan, cgan, or a function of your own as
    FILE.py:function.

    Writes a run folder with metrics, weights, checkpoint and report.html. Ctrl-C stops after the
    current step and keeps everything; --resume RUN continues as if nothing had happened.
    """
    if recipe is None and resumed is None and start is None:
        from torchcamp.recipes.registry import NAMES

        raise click.UsageError(f"name a recipe ({', '.join(NAMES)}) or a run with --resume RUN")
    if resumed is not None and start is not None:
        raise click.UsageError("--resume continues a run as it began: leave --from out")
    if resumed is not None or (start is not None and recipe is None):
        allow_own_code(str(resumed or start), trust)
    if (processes or 1) > 1 and "RANK" not in os.environ:
        from torchcamp.training.launch import launch

        return launch(context.find_root().obj, processes or 1, max_restarts)
    if max_restarts and "RANK" not in os.environ:
        raise click.UsageError("--max-restarts needs --processes N with N above 1")
    with without_collecting():
        from torchcamp.recipes.starting import find_start
        from torchcamp.recipes.train import Reports, Request, resume, train
        from torchcamp.recipes.trained import find_run
        from torchcamp.training.distributed import in_first_process, joined
        from torchcamp.training.loggers import Loggers

    stop = Stop()
    display = Display()
    loggers = Loggers(logs if in_first_process() else (), say)

    begun: list[Path] = []

    def started(training: "Training", run: "RunFolder") -> None:
        begun.append(run.path)
        display.start(training, run)
        loggers.started(training, run)

    def progress(progress: "Progress") -> None:
        display.update(progress)
        loggers.progress(progress)

    reports = Reports(
        line=say,
        started=started,
        progress=progress,
        should_stop=stop.asked,
        trained=stop.after_training,
    )
    options = {
        "lr": lr,
        "batch_size": batch_size,
        "size": size,
        "colour": colour,
        "encoding": encoding,
        "freeze": freeze,
    }
    typed = [f"{name}={value}" for name, value in options.items() if value is not None]
    with joined() as group, stop, display, loggers, _saying_the_way_on(begun):
        request = Request(
            recipe,
            preset=preset,
            settings=[*typed, *settings],
            start=group.together(lambda: find_start(start, run_roots())) if start else None,
            data=data,
            epochs=epochs,
            seed=seed,
            device=device,
            precision=precision,
            shard=shard,
            sync_batch_norm=sync_batch_norm,
            graphs=graphs,
            out=out,
            command=["torchcamp", *sys.argv[1:]],
        )
        if resumed is not None:
            path = find_run(str(resumed), run_roots()) or resumed
            outcome = resume(path, request, reports)
        else:
            outcome = train(request, reports)
        loggers.finish(outcome.finished)
    if not in_first_process():
        return 0 if outcome.finished else 130
    if not outcome.finished:
        say(f"stopped; continue with: torchcamp train --resume {outcome.run}")
        return stop.code
    if as_json:
        print_json(
            {
                "run": str(outcome.run),
                "seconds": round(outcome.seconds, 3),
                "train_seconds": round(outcome.train_seconds, 3),
                **outcome.measures,
            }
        )
    if outcome.already:
        say(f"{outcome.run} is already finished; nothing was changed")
        return 0
    results = ", ".join(f"{_title(k)} {_value(k, v)}" for k, v in outcome.measures.items())
    captured = f", {outcome.capture_seconds:.1f} s of capturing" if outcome.capture_seconds else ""
    say(f"{results}; {outcome.train_seconds:.1f} s of training{captured}")
    say(f"run:    {outcome.run}\nreport: {outcome.run / 'report.html'}")
    return 0


@contextlib.contextmanager
def _saying_the_way_on(begun: list[Path]) -> Iterator[None]:
    """A full disk, or a stop at once, takes nothing that was written: say how the run goes on."""
    try:
        yield
    except (KeyboardInterrupt, Stopped):
        if begun:
            say(f"continue with: torchcamp train --resume {begun[0]}")
        raise
    except OSError as error:
        if not begun or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise RunError(
            f"cannot write {error.filename or begun[0]}: {error.strerror}; what was written before is "
            f"whole: free some space, then continue with: torchcamp train --resume {begun[0]}"
        ) from error


class Stop:
    """Ctrl-C, SIGTERM and SIGHUP ask the loop to stop after its step; a second one ends at once.

    So does the first one once the steps are done: what is then measured and reported is done again by
    whoever resumes the run.

    code: the exit code of what stopped it: 130, 143 or 129.
    """

    def __init__(self) -> None:
        self.wanted = False
        self.code = 130
        self.is_training = True
        self.before: dict[signal.Signals, Any] = {}

    def asked(self) -> bool:
        return self.wanted

    def __enter__(self) -> "Stop":
        for each in ASKING:
            self.before[each] = signal.signal(each, self._interrupt)
        return self

    def __exit__(self, *exception: object) -> None:
        for each, handler in self.before.items():
            signal.signal(each, handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.code = 128 + number
        if self.wanted or not self.is_training:
            raise Stopped(number)
        self.wanted = True

    def after_training(self) -> None:
        """From now on there is no step to wait for.

        Raises:
            Stopped: somebody has asked for it.
        """
        self.is_training = False
        if self.wanted:
            raise Stopped(self.code - 128)


class Display:
    """A rich bar on a terminal, plain lines elsewhere; both on standard error."""

    def __enter__(self) -> "Display":
        self.console = open_console(stderr=True)
        self.bar = None
        self.batch_size = 1
        self.items = "images"
        self.latest: dict[str, float] = {}
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def start(self, training: "Training", run: "RunFolder") -> None:
        """Say what is being trained, and where."""
        self.batch_size = getattr(training.batches, "batch_size", 1)
        kind = run.description()["data"]["name"].partition(":")[0]
        self.items = {"text": "windows", "dice": "sequences", "sequences": "sequences"}.get(
            kind, "images"
        )
        description = run.description()
        num_parameters = sum(p.numel() for p in training.network.parameters())
        say(
            f"{description['recipe']} on {description['data']['name']}: "
            f"{num_parameters:,} parameters, {description['device']}, {description['precision']}, "
            f"{_processes(description)}seed {description['numbers']['seed']} -> {run.path}"
        )
        if not self.console.is_terminal:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}", markup=False),
            BarColumn(bar_width=28),
            TextColumn("{task.percentage:3.0f} %"),
            TextColumn("{task.fields[values]}", markup=False),
            TextColumn("{task.fields[speed]}", style="dim", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", style="dim", markup=False),
            console=self.console,
        )
        self.task = self.bar.add_task("", total=None, epoch="1", values="", speed="", left="")
        self.bar.start()

    def update(self, progress: "Progress") -> None:
        """Show how far the run is."""
        from torchcamp.pages.page import seconds_in_words

        speed = f"{progress.steps_per_second * self.batch_size:,.0f} {self.items}/s"
        left = f"{seconds_in_words(progress.seconds_left)} left"
        self.latest |= {k: v for k, v in progress.values.items() if not k.endswith("lr")}
        epoch = min(int(progress.epoch - 1e-9) + 1, progress.num_epochs)
        if self.bar is not None:
            shown = [k for k in self.latest if "accuracy" in k] or list(self.latest)[:2]
            self.bar.update(
                self.task,
                total=progress.num_steps,
                completed=progress.step,
                epoch=f"{epoch}/{progress.num_epochs}",
                values=" ".join(f"{_title(k)} {_value(k, self.latest[k])}" for k in shown),
                speed=speed,
                left=left,
            )
        elif progress.evaluated:
            values = ", ".join(f"{_title(k)} {_value(k, v)}" for k, v in self.latest.items())
            say(f"epoch {epoch}/{progress.num_epochs}: {values} ({speed}, {left})")
        if progress.notice:
            self.console.print(f"epoch {epoch}: {progress.notice}", highlight=False, soft_wrap=True)


def _processes(description: dict[str, Any]) -> str:
    """How several processes train together; nothing of one."""
    if description["processes"] == 1:
        return ""
    sharded = ", sharded" if description.get("sharded") else ""
    synchronised = description.get("sync_batch_norm")
    norm = "with one batch norm over all" if synchronised else "each with batch norm of its own"
    return f"{description['processes']} processes{sharded}, {norm}, "


def _title(name: str) -> str:
    return name.replace("_", " ")


def _value(name: str, value: float) -> str:
    return f"{100 * value:.2f} %" if "accuracy" in name else f"{value:.4f}"
