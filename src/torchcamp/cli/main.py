"""`torchcamp`: the table of commands. Each is imported when used, so `--help` loads no torch."""

import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import click

from torchcamp.base.errors import ToldElsewhere, UserError, first_line
from torchcamp.base.files import in_words
from torchcamp.base.leaving import (
    ASKING,
    UNHEARD,
    is_importing,
    is_told_by_launcher,
    leave,
    leave_silently,
)
from torchcamp.base.memory import is_of_memory
from torchcamp.base.terminal import MOST, clean
from torchcamp.base.version import __version__
from torchcamp.cli.shared import Group, Stopped

# command -> (module:name of the click command, one-line help), in the order of `--help`.
COMMANDS = {
    "start": ("start:command", "Open the course in the browser."),
    "practice": ("practice:practice", "Show an exercise, the next one, or all of them."),
    "check": ("practice:check", "Check an answer, once or whenever it changes."),
    "hint": ("practice:hint", "Show one more hint for an exercise."),
    "reset": ("practice:reset", "Reset an answer to the starter; the old one is kept."),
    "solution": ("practice:solution", "Show our solution of an exercise."),
    "progress": ("progress:progress", "Show what you have solved, and what you misunderstood."),
    "export-progress": ("progress:export_progress", "Write your progress to a file to hand over."),
    "notebook": (
        "notebook:notebook",
        "Write a lesson as a Jupyter notebook, for Jupyter or Colab.",
    ),
    "slides": ("notebook:slides", "Write a lesson as slides, one HTML file."),
    "train": ("train:command", "Train a recipe on a data set; Ctrl-C stops it, --resume goes on."),
    "find-lr": ("find_lr:command", "Suggest a learning rate: a range test, with its picture."),
    "sweep": ("sweep:command", "Try many settings of a recipe, judged on held-out data."),
    "runs": ("runs:command", "List runs, or compare the named ones side by side."),
    "evaluate": ("evaluate:command", "Measure a run, or a model that ships trained."),
    "predict": ("predict:command", "Name the class of new pictures."),
    "export": ("export:command", "Write a trained model as safetensors, ONNX or PT2."),
    "sample": ("sample:command", "Draw samples from a generative model."),
    "decode": ("decode:command", "Find the hidden states behind your own sequences."),
    "compare": ("compare:command", "Compare the generative models side by side."),
    "read": ("read:command", "Read any PyTorch code line by line."),
    "doctor": ("doctor:command", "Find the bugs in a training script that raise no error."),
    "explain": ("explain:command", "Explain an error message of PyTorch, with its numbers."),
    "bench": ("bench:command", "Measure this machine: how near its limit the recipes train."),
    "new": ("new:command", "Start a model of your own: model, recipe, test, README."),
    "data": ("data:command", "Fetch, verify or locate data sets on this machine."),
    "grade": ("grade:command", "Grade the answers of a class, and show where it is stuck."),
    "dev": ("dev:command", "Write and check course content: check, show, mutants, new."),
}
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Commands(Group):
    """A group that imports a command's module only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return getattr(importlib.import_module(f"torchcamp.cli.{module}"), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=Commands, invoke_without_command=True, context_settings=CONTEXT)
@click.version_option(__version__, "-V", "--version", message="torchcamp %(version)s")
@click.pass_context
def torchcamp(ctx: click.Context) -> None:
    """A deep learning bootcamp with PyTorch that runs on your own machine.

    Without a command it opens the course in the browser.
    """
    if ctx.invoked_subcommand is None:
        from torchcamp.cli.start import command

        ctx.invoke(command)


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the answer is no, 2 bad input, 130
    stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP."""
    for stream in (sys.stdout, sys.stderr):  # what the locale cannot write is written as \u2713
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        for number in ASKING:  # so that files and children are tidied up
            if signal.getsignal(number) in (*UNHEARD, leave):
                signal.signal(number, _stop)
        code = run(args)
    except KeyboardInterrupt:  # before or after the command itself
        code = _fail("stopped", 130)
    except Stopped as stopped:
        code = _told(stopped)
    for number in ASKING:
        if signal.getsignal(number) == _stop:
            signal.signal(number, leave)
    sys.exit(code)


def _stop(number: int, frame: FrameType | None) -> None:
    if is_importing(frame):
        leave(number, frame)
    raise KeyboardInterrupt if number == signal.SIGINT else Stopped(number)


def _told(stopped: Stopped) -> int:
    if is_told_by_launcher(stopped.number):
        return 128 + stopped.number
    return _fail(f"stopped by {signal.Signals(stopped.number).name}", 128 + stopped.number)


def run(args: list[str] | None = None) -> int:
    """Run the command line and return its exit code; a failure prints one line on standard error."""
    try:
        typed = sys.argv[1:] if args is None else args
        _refuse_null_bytes(typed)
        result: Any = torchcamp.main(
            typed, prog_name="torchcamp", standalone_mode=False, obj=list(typed)
        )
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        if os.environ.get("RANK", "0") != "0":  # the first of several processes tells
            return 2
        return _fail(error.format_message(), 2)
    except (click.Abort, KeyboardInterrupt):
        return _fail("stopped", 130)
    except Stopped as stopped:
        return _told(stopped)
    except BrokenPipeError:  # the reader of our output has exited: `torchcamp runs | head`
        sys.stderr.close()
        return 1
    except ToldElsewhere:
        return 2
    except OSError as error:
        return _fail(in_words(error), 2)
    except UserError as error:
        return _fail(str(error), 2)
    except (MemoryError, OverflowError, RuntimeError) as error:
        if not is_of_memory(error):
            raise  # a bug: show its traceback
        return _fail(f"this needs more memory than there is: {first_line(error)}", 2)


def _refuse_null_bytes(args: Sequence[str]) -> None:
    """No shell can type them, but a program can pass them; no file can be named with one."""
    for arg in args:
        if "\0" in arg:
            raise click.UsageError(f"{arg!r} has a NUL byte, which no name may have")


def _fail(message: str, code: int) -> int:
    line = " ".join(clean(message, MOST).split())
    print(f"torchcamp: {line}", file=sys.stderr)
    for number in ASKING:  # one sentence: torchrun ends a process that has just said what failed
        if signal.getsignal(number) == _stop:
            signal.signal(number, leave_silently)
    return code
