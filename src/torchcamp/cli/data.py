"""`torchcamp data`"""

from pathlib import Path

import click

from torchcamp.base.errors import DataError, suggest
from torchcamp.base.terminal import echo
from torchcamp.cli.shared import Group, say


@click.group("data", cls=Group)
def command() -> None:
    """Fetch, verify, locate or look at data sets. NAME is mnist, fashion or cifar10; without it, all."""


def _names(name: str | None) -> tuple[str, ...]:
    from torchcamp.data.fetch import SOURCES

    if name is None:
        return tuple(SOURCES)
    if name == "digits":
        raise click.UsageError("digits is part of scikit-learn: it needs no download")
    if name not in SOURCES:
        hint = suggest(name, SOURCES, listed_as="Data sets")
        raise click.UsageError(f"unknown data set {name!r}. {hint}")
    return (name,)


@command.command("fetch")
@click.argument("name", required=False)
def fetch(name: str | None) -> None:
    """Download NAME into the cache and verify it; intact files are kept."""
    from torchcamp.data import fetch as data_files

    for each in _names(name):
        folder = data_files.locate(each)
        if folder:
            say(f"{each}: already on this machine, in {folder}")
            continue
        echo(f"{each}: {data_files.fetch(each, say)}")


@command.command("verify")
@click.argument("name", required=False)
def verify(name: str | None) -> int:
    """Compare the files of NAME with the published ones; exit code 1 if one differs."""
    from torchcamp.data import fetch as data_files

    good = True
    for each in _names(name):
        folder = data_files.locate(each)
        if folder is None:
            echo(f"{each}: not on this machine (torchcamp data fetch {each})")
            good = good and name is None
            continue
        for file, path in data_files.files_in(folder, each).items():
            try:
                data_files.check_content(each, file, path)
                is_checked = data_files.is_checked(each, file, path)
                echo(f"{each}: {path}: {'the published content' if is_checked else 'readable'}")
            except DataError as error:
                echo(f"{each}: {error}")
                good = False
    return 0 if good else 1


@command.command("where")
@click.argument("name", required=False)
def where(name: str | None) -> int:
    """Print the folder that holds NAME; exit code 1 if it is not on this machine."""
    from torchcamp.data import fetch as data_files

    folders = {each: data_files.locate(each) for each in _names(name)}
    for each, folder in folders.items():
        echo(f"{each}: {folder or 'not on this machine'}")
    if name is None:
        echo("digits: inside scikit-learn")
        from torchcamp.data.picture_cache import cache_size

        echo(f"cache: {data_files.cache_dir()}")
        echo(f"decoded pictures in it: {cache_size() / 1e6:,.1f} MB (torchcamp data clear)")
    return 0 if name is None or folders[name] else 1


@command.command("clear")
def clear() -> None:
    """Remove decoded pictures of your own from the cache; they are decoded again when needed."""
    from torchcamp.data.picture_cache import clear_cache

    echo(f"freed {clear_cache() / 1e6:,.1f} MB")


@command.command("show")
@click.argument("data", metavar="DATA")
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write a picture file with a row of examples of each class, in the order printed.",
)
def show(data: str, output: Path | None) -> None:
    """Read DATA, such as folder:pets, as training does, and print how many pictures each class has."""
    from torchcamp.base.files import write_atomically
    from torchcamp.data.contact_sheet import contact_sheet
    from torchcamp.data.images import load_images
    from torchcamp.data.pictures import png_bytes

    images = load_images(data, say)
    channels, height, width = images.image_shape
    parts = {"train": images.train_labels, "test": images.test_labels}
    if images.validation_labels is not None:
        parts["validation"] = images.validation_labels
    echo(f"{images.name}: {'grey' if channels == 1 else 'colour'}, {height}x{width}")
    echo("".join(f"{part:>12}" for part in parts) + "  class")
    counts = [labels.bincount(minlength=images.num_classes).tolist() for labels in parts.values()]
    for name, *row in zip(images.class_names, *counts, strict=True):
        echo("".join(f"{count:>12,}" for count in row) + f"  {name}")
    if output is not None:
        content = png_bytes(contact_sheet(images))
        write_atomically(output, lambda part: part.write_bytes(content))
        say(f"wrote {output}")
