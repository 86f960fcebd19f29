"""The pictures of a folder or an archive as a list of files, each with its name inside the set."""

import functools
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import DataError
from torchcamp.base.files import write_atomically

SUFFIXES = frozenset(
    [".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"]
)  # fmt: skip
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
IGNORED = {"__macosx", "thumbs.db"}
COPIED_AT_ONCE = 1 << 20  # bytes


@dataclass(frozen=True)
class PictureFile:
    """One file of a set.

    name: its path inside the set, such as `train/cat/1.jpg`.
    file: the file itself, or the archive that holds it.
    member: its name in a .zip.
    offset, size: where it lies in an uncompressed .tar; a size of None is the whole file.
    stamp: tells a changed file from an unchanged one without reading it.
    """

    name: str
    file: Path
    member: str | None = None
    offset: int = 0
    size: int | None = None
    stamp: tuple[int, ...] = ()

    def read(self) -> bytes:
        """Its content.

        Raises:
            OSError: it cannot be read.
        """
        if self.member is not None:
            try:
                status = self.file.stat()
                archive = _opened_zip(
                    self.file, (status.st_ino, status.st_size, status.st_mtime_ns)
                )
                return archive.read(self.member)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
                raise OSError(str(error)) from error
        with self.file.open("rb") as stream:
            if self.offset:
                stream.seek(self.offset)
            return stream.read(-1 if self.size is None else self.size)


@functools.lru_cache(maxsize=1)
def _opened_zip(path: Path, stamp: tuple[int, ...]) -> zipfile.ZipFile:
    """An archive that stays open: reading its directory for every picture takes seconds for 60,000."""
    return zipfile.ZipFile(path)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Everything in a folder or an archive, sorted by name.

    pictures: the files that may be pictures.
    tables: the .csv and .tsv files.
    folders: the names of all folders, empty ones included.
    """

    pictures: list[PictureFile]
    tables: list[PictureFile]
    folders: list[str]


def list_files(path: Path, report: Callable[[str], None]) -> Listing:
    """The files of a folder, or of a .zip or .tar archive; hidden ones are left out.

    A compressed .tar is unpacked once into the user's cache, into one uncompressed .tar.

    Raises:
        DataError: neither a folder nor an archive, or one that cannot be read.
    """
    lower = path.name.lower()
    try:
        if path.is_dir():
            files, folders = _in_folder(path)
        elif not path.exists():
            raise DataError(f"{path} does not exist; folder: takes a folder, a .zip or a .tar file")
        elif lower.endswith(".zip"):
            files, folders = _in_zip(path)
        elif lower.endswith(ARCHIVES):
            files, folders = _in_tar(path, report)
        else:
            raise DataError(
                f"{path} is neither a folder nor an archive; folder: takes a folder or "
                f"{', '.join(ARCHIVES)}"
            )
    except (OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    seen = [file for file in files if not _hidden(file.name)]
    return Listing(
        pictures=sorted(
            (file for file in seen if os.path.splitext(file.name)[1].lower() in SUFFIXES),
            key=lambda file: file.name,
        ),
        tables=sorted(
            (file for file in seen if file.name.lower().endswith((".csv", ".tsv"))),
            key=lambda file: file.name,
        ),
        folders=sorted(name for name in folders if name and not _hidden(name)),
    )


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part.lower() in IGNORED for part in name.split("/"))


def _in_folder(path: Path) -> tuple[list[PictureFile], set[str]]:
    files, folders = [], set[str]()
    real_parents: dict[str, set[str]] = {str(path): {os.path.realpath(path)}}
    for folder, names, file_names in os.walk(path, followlinks=True):
        parents = real_parents.pop(folder)
        kept = []
        for name in names:
            full = os.path.join(folder, name)
            real = os.path.realpath(full)
            if name.startswith(".") or real in parents:  # hidden, or a link that leads back up
                continue
            real_parents[full] = parents | {real}
            kept.append(name)
        names[:] = kept
        here = Path(folder)
        relative = here.relative_to(path).as_posix().removeprefix(".")
        folders.add(relative)
        for name in file_names:
            try:
                status = os.stat(os.path.join(folder, name))
            except OSError:  # a broken link
                continue
            if not stat.S_ISREG(status.st_mode):  # a pipe, a device
                continue
            stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            files.append(PictureFile(f"{relative}/{name}".lstrip("/"), here / name, stamp=stamp))
    return files, folders


def _in_zip(path: Path) -> tuple[list[PictureFile], set[str]]:
    files, folders = [], set[str]()
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = member.filename.replace("\\", "/").strip("/")
            if member.is_dir():
                folders.add(name)
            else:
                stamp = (member.file_size, member.CRC)
                files.append(PictureFile(name, path, member=member.filename, stamp=stamp))
                folders.update(_parents(name))
    return files, folders


def _in_tar(path: Path, report: Callable[[str], None]) -> tuple[list[PictureFile], set[str]]:
    plain = path if path.name.lower().endswith(".tar") else _unpacked(path, report)
    files, folders = [], set[str]()
    with tarfile.open(plain, "r:") as archive:
        for member in archive:
            name = member.name.removeprefix("./").strip("/")
            if member.isdir():
                folders.add(name)
            elif member.isreg():
                stamp = (member.size, int(member.mtime), member.offset_data)
                files.append(
                    PictureFile(
                        name, plain, offset=member.offset_data, size=member.size, stamp=stamp
                    )
                )
                folders.update(_parents(name))
    return files, folders


def _unpacked(path: Path, report: Callable[[str], None]) -> Path:
    """The archive without its compression, in the cache: its members can then be read in any order."""
    import bz2
    import gzip
    import lzma

    from torchcamp.data.fetch import cache_dir  # urllib, which decoding processes need not load

    lower = path.name.lower()
    opened = gzip.open if lower.endswith("gz") else lzma.open if lower.endswith("xz") else bz2.open
    status = path.stat()
    stem = path.name.partition(".")[0]
    target = cache_dir() / "archives" / f"{stem}-{status.st_size}-{status.st_mtime_ns}.tar"
    if target.exists():
        return target
    report(f"unpacking {path.name} into the cache")
    target.parent.mkdir(parents=True, exist_ok=True)

    def unpack(part: Path) -> None:
        with opened(path, "rb") as packed, part.open("wb") as plain:
            while chunk := packed.read(COPIED_AT_ONCE):
                plain.write(chunk)

    try:
        write_atomically(target, unpack)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"cannot unpack {path} into {target.parent}: {reason}") from error
    return target


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
