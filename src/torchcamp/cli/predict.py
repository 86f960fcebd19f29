"""`torchcamp predict`"""

import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from torchcamp.base.errors import DataError
from torchcamp.base.terminal import echo, open_console
from torchcamp.cli.shared import (
    allow_own_code,
    device_option,
    json_option,
    print_confusion,
    print_json,
    say,
    trust_option,
)
from torchcamp.course.workspace import run_roots

if TYPE_CHECKING:
    from torchcamp.recipes.predicting import Prediction, Tally

MOST_CLASSES = 25  # that a confusion table has room for
SECONDS = 5  # between two words of progress


@click.command("predict")
@click.argument("model", metavar="RUN_OR_MODEL")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="How many of the likeliest classes are named.",
)
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write a row for each picture into this file.",
)
@click.option(
    "--no-invert",
    is_flag=True,
    help="Take dark digits on white paper as they are, for a model of light digits on black.",
)
@device_option
@trust_option
@json_option
def command(
    model: str,
    files: tuple[str, ...],
    top: int,
    csv_file: Path | None,
    no_invert: bool,
    device: str,
    trust: bool,
    as_json: bool,
) -> int:
    """Name the class of new pictures, with its probability.

    RUN_OR_MODEL is a run (a folder, its name, or `latest`) or a model that ships trained. FILE is a
    picture, a folder, an archive, a pattern such as '*.png', or - for standard input, which holds
    one picture or a list of files. Where folders are named after classes of the model, the accuracy
    is printed too. Files that cannot be read are named and left out.
    """
    from torchcamp.data.found_pictures import find_pictures
    from torchcamp.recipes.predicting import Tally, predict_files
    from torchcamp.recipes.trained import load_trained
    from torchcamp.training.devices import resolve_device

    allow_own_code(model, trust)
    trained = load_trained(model, run_roots(), resolve_device(device))
    classifier = trained.classifier()
    tally = Tally(classifier.class_names)
    unreadable: list[str] = []
    predictions = predict_files(
        classifier,
        find_pictures(files, sys.stdin.buffer, say),
        top=top,
        invert=not no_invert,
        unreadable=unreadable.append,
    )
    shown = _counted(predictions, tally)
    if csv_file is not None:
        with _opened(csv_file) as stream:
            shown = list(_written(shown, stream, min(top, len(classifier.class_names))))
    results = list(shown)
    if not results:
        raise DataError(_none_of(unreadable))
    for sentence in unreadable:
        say(sentence)
    if as_json:
        print_json([each.as_json() for each in results])
    else:
        _print(results)
    num_inverted = sum(each.inverted for each in results)
    if num_inverted:
        say(
            f"inverted: {num_inverted:,} of {len(results):,}, because of a light border; "
            f"{trained.name} learned light digits on black (--no-invert takes pictures as they are)"
        )
    if tally.num_pictures:
        _print_tally(tally, as_json)
    if unreadable:
        say(f"{len(unreadable):,} of {len(results) + len(unreadable):,} files could not be read")
    return 0


def _counted(predictions: "Iterator[Prediction]", tally: "Tally") -> "Iterator[Prediction]":
    """The predictions, each added to the tally; says how far it is, if it takes long."""
    spoken = time.monotonic()
    for number, prediction in enumerate(predictions, start=1):
        tally.add(prediction)
        yield prediction
        if time.monotonic() - spoken > SECONDS:
            say(f"{number:,} pictures so far")
            spoken = time.monotonic()


def _opened(path: Path) -> TextIO:
    if path.is_fifo():
        raise click.UsageError(f"{path} is a named pipe, which is waited for without end")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error


def _written(
    predictions: "Iterator[Prediction]", stream: TextIO, top: int
) -> "Iterator[Prediction]":
    """The predictions, each written as a row of a CSV file."""
    writer = csv.writer(stream)
    further = [f"{column}_{k}" for k in range(2, top + 1) for column in ("class", "probability")]
    writer.writerow(["file", "class", "probability", *further, "inverted", "true_class"])
    for each in predictions:
        classes = [cell for one in each.top for cell in (one.class_name, one.probability)]
        writer.writerow([each.file, *classes, each.inverted, each.true_class or ""])
        yield each


def _none_of(unreadable: list[str]) -> str:
    if len(unreadable) == 1:
        return unreadable[0]
    for sentence in unreadable:
        say(sentence)
    return f"none of the {len(unreadable):,} files could be read"


def _print(results: "list[Prediction]") -> None:
    from rich.table import Table

    console = open_console()
    if not console.is_terminal:
        console.width = 160  # a file has no width of its own
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold")
    table.add_column("class", overflow="fold", style="bold")
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("next", style="dim", overflow="fold")
    for each in results:
        others = [
            f"{one.class_name} {100 * one.probability:.1f} %"
            for one in each.top[1:]
            if one.probability >= 5e-4
        ]
        table.add_row(
            each.file + (" (inverted)" if each.inverted else ""),
            each.class_name,
            f"{100 * each.probability:.1f} %",
            ", ".join(others),
        )
    console.print(table)


def _print_tally(tally: "Tally", as_json: bool) -> None:
    """The accuracy on pictures whose folders say their class; the confusions where it is for eyes."""

    words = (
        f"accuracy {100 * tally.num_right / tally.num_pictures:.2f} %: {tally.num_right:,} of "
        f"{tally.num_pictures:,} pictures as the names of their folders say"
    )
    if tally.unknown_folders:
        names = sorted(tally.unknown_folders)
        more = ", ..." if len(names) > 5 else ""
        which = "folder is not a class" if len(names) == 1 else "folders are not classes"
        words += f"; {len(names)} {which} of the model: {', '.join(names[:5])}{more}"
    if as_json:
        say(words)
        return
    echo(f"\n{words}")
    counts = tally.confusion
    seen = [k for k in range(len(counts)) if counts[k].any() or counts[:, k].any()]
    if len(seen) > MOST_CLASSES:
        return
    names = [tally.class_names[k] for k in seen]
    print_confusion(open_console(), names, counts[seen][:, seen].tolist())
