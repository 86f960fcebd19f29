"""Pictures that a user names: files, folders, patterns, archives, standard input.

Found one after the other, in the order in which they were named, so that a folder of any size
needs no more memory than a few of its pictures.
"""

import glob
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from PIL import Image

from torchcamp.base.errors import DataError
from torchcamp.data.picture_files import ARCHIVES, SUFFIXES


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


def find_pictures(names: Iterable[str], stdin: BinaryIO) -> Iterator[FoundPicture]:
    """The pictures that `names` name, in their order; those of a folder in alphabetical order.

    Args:
        names: files, folders (searched to their depths), patterns such as `*.png`, archives, or
            `-` for standard input, which holds one picture or a list of names, one on each line.
            A name without a picture behind it is found too, and its `read` says what is wrong.
        stdin: read where a name is `-`.
    """
    for name in names:
        try:
            yield from _from_stdin(stdin.read()) if name == "-" else _named(name)
        except DataError as error:
            yield _failed(name, error)


def _failed(name: str, error: DataError) -> FoundPicture:
    """In place of what could not be found, so that the other names still count."""

    def read() -> bytes:
        raise error

    return FoundPicture(name=name, folders=(), read=read)


def _named(name: str) -> Iterator[FoundPicture]:
    path = Path(name).expanduser()
    if path.is_dir():
        yield from _some(_in_folder(path), f"the folder {name}")
    elif path.is_file() and name.lower().endswith(ARCHIVES):
        yield from _some(_in_archive(path), f"the archive {name}")
    elif not path.exists() and glob.has_magic(name):
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            raise DataError(f"no file matches {name!r}")
        for match in matches:
            yield from _named(match)
    else:
        yield FoundPicture(name=name, folders=(), read=path.read_bytes)


def _some(found: Iterator[FoundPicture], where: str) -> Iterator[FoundPicture]:
    first = next(found, None)
    if first is None:
        suffixes = " ".join(sorted(SUFFIXES))
        raise DataError(f"{where} has no pictures in it; expected files such as {suffixes}")
    yield first
    yield from found


def _in_folder(folder: Path) -> Iterator[FoundPicture]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if _is_wanted(PurePosixPath(inside.as_posix())) and path.is_file():
            yield FoundPicture(name=str(path), folders=inside.parts[:-1], read=path.read_bytes)


def _in_archive(path: Path) -> Iterator[FoundPicture]:
    """Each picture's content is read when it is found: an archive is read from front to back."""

    def found(inside: str, content: bytes) -> FoundPicture:
        folders = PurePosixPath(inside).parts[:-1]
        return FoundPicture(name=f"{path}/{inside}", folders=folders, read=lambda: content)

    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                for entry in sorted(archive.namelist()):
                    if _is_wanted(PurePosixPath(entry)):
                        yield found(entry, archive.read(entry))
        else:
            with tarfile.open(path) as archive:
                for member in archive:
                    stream = archive.extractfile(member)
                    if stream and _is_wanted(PurePosixPath(member.name)):
                        yield found(member.name.removeprefix("./"), stream.read())
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError) as error:
        raise DataError(f"cannot read the archive {path}: {error}") from error


def _is_wanted(path: PurePosixPath) -> bool:
    """Whether a name is a picture's, and neither hidden nor what macOS puts beside files."""
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts if part != ".")
    return path.suffix.lower() in SUFFIXES and not hidden


def _from_stdin(content: bytes) -> Iterator[FoundPicture]:
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
            yield from _named(line.strip())


def _is_picture(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content)):
            return True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
