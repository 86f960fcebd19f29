"""Pictures that a user names: files, folders, patterns, archives, standard input.

Found in the order in which they were named, and read when they are needed, so that a folder of any
size needs no more memory than a few of its pictures.
"""

import glob
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from PIL import Image

from torchcamp.base.errors import DataError
from torchcamp.base.files import regular_bytes
from torchcamp.data.picture_files import ARCHIVES, MOST_PICTURE, SUFFIXES, list_files


@dataclass(frozen=True, kw_only=True)
class FoundPicture:
    """A file that should be a picture.

    name: what it is called in results.
    folders: the folders between what the user named and the file, outermost first.
    read: gives its content; raises OSError, or DataError where there is none.
    """

    name: str
    folders: tuple[str, ...]
    read: Callable[[], bytes]


def find_pictures(
    names: Iterable[str], stdin: BinaryIO, report: Callable[[str], None] = lambda line: None
) -> Iterator[FoundPicture]:
    """The pictures that `names` name, in their order; those of a folder in alphabetical order.

    Args:
        names: files, folders (searched to their depths), patterns such as `*.png`, archives, or
            `-` for standard input, which holds one picture or a list of names, one on each line.
            A name without a picture behind it is found too, and its `read` says what is wrong.
        stdin: read where a name is `-`.
        report: told of an archive that is unpacked.
    """
    for name in names:
        try:
            yield from (_from_stdin(_read(stdin), report) if name == "-" else _named(name, report))
        except DataError as error:
            yield _failed(name, error)


def _failed(name: str, error: DataError) -> FoundPicture:
    """In place of what could not be found, so that the other names still count."""

    def read() -> bytes:
        raise error

    return FoundPicture(name=name, folders=(), read=read)


def _named(name: str, report: Callable[[str], None]) -> Iterator[FoundPicture]:
    path = Path(name).expanduser()
    if path.is_dir() or (path.is_file() and name.lower().endswith(ARCHIVES)):
        files = list_files(path, report).pictures
        if not files:
            raise DataError(
                f"{name} has no pictures in it; expected files such as {' '.join(sorted(SUFFIXES))}"
            )
        for file in files:
            folders = PurePosixPath(file.name).parts[:-1]
            yield FoundPicture(name=f"{path}/{file.name}", folders=folders, read=file.read)
    elif not path.exists() and glob.has_magic(name):
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            raise DataError(f"no file matches {name!r}")
        for match in matches:
            yield from _named(match, report)
    else:
        yield FoundPicture(name=name, folders=(), read=lambda: regular_bytes(path, MOST_PICTURE))


def _read(stdin: BinaryIO) -> bytes:
    content = stdin.read(MOST_PICTURE + 1)
    if len(content) > MOST_PICTURE:
        raise DataError(f"standard input holds more than {MOST_PICTURE / 1e9:,.0f} GB")
    return content


def _from_stdin(content: bytes, report: Callable[[str], None]) -> Iterator[FoundPicture]:
    if not content.strip():
        raise DataError("standard input is empty; it takes a picture, or names of files")
    if _is_picture(content):
        yield FoundPicture(name="-", folders=(), read=lambda: content)
        return
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        raise DataError("standard input is neither a picture nor a list of files") from None
    for line in lines:
        if line.strip():
            yield from _named(line.strip(), report)


def _is_picture(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content)):
            return True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
