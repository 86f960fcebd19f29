"""`torchcamp data`"""

import click

from torchcamp.base.errors import DataError, suggest
from torchcamp.cli.shared import say


@click.group("data")
def command() -> None:
    """The data sets on this machine. NAME is mnist or fashion; without one, all of them."""


def _names(name: str | None) -> tuple[str, ...]:
    from torchcamp.data.fetch import SOURCES

    if name is None:
        return tuple(SOURCES)
    if name == "digits":
        raise click.UsageError("digits ships inside scikit-learn: there is nothing to fetch")
    if name not in SOURCES:
        hint = suggest(name, SOURCES, listed_as="Data sets")
        raise click.UsageError(f"unknown data set {name!r}. {hint}")
    return (name,)


@command.command("fetch")
@click.argument("name", required=False)
def fetch(name: str | None) -> None:
    """Download NAME into the cache, verified; what is there and intact stays."""
    from torchcamp.data import fetch as room

    for each in _names(name):
        here = room.locate(each)
        if here:
            say(f"{each}: on this machine already, in {here}")
            continue
        print(f"{each}: {room.fetch(each, say)}")


@command.command("verify")
@click.argument("name", required=False)
def verify(name: str | None) -> int:
    """Compare the files of NAME with the published ones; exit code 1 where one differs."""
    from torchcamp.data import fetch as room

    good = True
    for each in _names(name):
        folder = room.locate(each)
        if folder is None:
            print(f"{each}: not on this machine (torchcamp data fetch {each})")
            good = good and name is None
            continue
        for file in room.FILES:
            path = room.find_file(folder, file)
            if path is None:
                continue
            try:
                room.check_content(each, file, path)
                how = "the published content" if room.is_checked(each, file, path) else "readable"
                print(f"{each}: {path}: {how}")
            except DataError as error:
                print(f"{each}: {error}")
                good = False
    return 0 if good else 1


@command.command("where")
@click.argument("name", required=False)
def where(name: str | None) -> int:
    """Print the folder that holds NAME; exit code 1 where it is not on this machine."""
    from torchcamp.data import fetch as room

    folders = {each: room.locate(each) for each in _names(name)}
    for each, folder in folders.items():
        print(f"{each}: {folder or 'not on this machine'}")
    if name is None:
        print("digits: inside scikit-learn")
        print(f"cache: {room.cache_dir()}")
    return 0 if name is None or folders[name] else 1
