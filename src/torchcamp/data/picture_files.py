"""The pictures of a folder or an archive as a list of files, each with its name inside the set."""

import functools
import importlib
import os
import posixpath
import stat
import tarfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torchcamp.base.archives import UNPRINTABLE, Refused, is_bomb, member_content, open_zip
from torchcamp.base.errors import DataError
from torchcamp.base.files import regular_bytes, require_regular, text_hash, write_atomically

SUFFIXES = frozenset(
    [".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"]
)  # fmt: skip
# What cameras and drawing programs write, and Pillow does not read.
OTHER_PICTURES = frozenset(
    [".arw", ".cr2", ".cr3", ".dng", ".heic", ".heif", ".jxl", ".nef", ".psd", ".raw", ".svg"]
)
ARCHIVES = (
    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst", ".tzst",
)  # fmt: skip
MODULES = {"gz": "gzip", "xz": "lzma", "bz2": "bz2", "zst": "compression.zstd"}  # that unpack
IGNORED = {"__macosx", "thumbs.db", "@eadir", "$recycle.bin", "lost+found"}  # made by systems
COPIED_AT_ONCE = 1 << 20  # bytes
SECONDS_BETWEEN_LINES = 4.0
MOST_PICTURE = 2**30  # bytes of one picture's file
MOST_MEMBERS = 3_000_000  # of an archive: their table alone takes gigabytes of memory
BOMBS_FROM = 2**30  # bytes that come out of a compressed .tar, after which it may be a bomb


@dataclass(frozen=True)
class PictureFile:
    """One file of a set.

    name: its path inside the set, such as `train/cat/1.jpg`, safe to print.
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
            OSError: it cannot be read, or is larger than `MOST_PICTURE`.
        """
        if self.member is not None:
            try:
                status = self.file.stat()
                archive = _opened_zip(
                    self.file, (status.st_ino, status.st_size, status.st_mtime_ns)
                )
                return member_content(archive, archive.getinfo(self.member), MOST_PICTURE)
            except (KeyError, Refused) as error:
                raise OSError(str(error)) from error
        if self.size is None:
            return regular_bytes(self.file, MOST_PICTURE)
        if not 0 <= self.size <= MOST_PICTURE:
            raise OSError(f"is said to have {self.size:,} bytes")
        with self.file.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.size)


@functools.lru_cache(maxsize=1)
def _opened_zip(path: Path, stamp: tuple[int, ...]) -> zipfile.ZipFile:
    """An archive that stays open: reading its directory for every picture takes seconds for 60,000."""
    return open_zip(path, MOST_MEMBERS)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Everything in a folder or an archive, sorted by name.

    pictures: the files that may be pictures.
    tables: the .csv and .tsv files.
    folders: the names of all folders, empty ones included.
    unsupported: how many pictures there are of each kind that cannot be read, such as `.heic`.
    """

    pictures: list[PictureFile]
    tables: list[PictureFile]
    folders: list[str]
    unsupported: dict[str, int] = field(default_factory=dict)


def list_files(path: Path, report: Callable[[str], None]) -> Listing:
    """The files of a folder, or of a .zip or .tar archive; hidden ones are left out.

    A compressed .tar is unpacked once into the user's cache, into one uncompressed .tar.

    Raises:
        DataError: neither a folder nor an archive, or one that cannot be read.
    """
    lower = path.name.lower()
    try:
        if path.exists() and not path.is_dir():
            require_regular(path)
        if path.is_dir():
            files, folders = _in_folder(path)
            _say_what_lies_outside(path, files, report)
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
    except OSError as error:
        where = error.filename or path
        raise DataError(f"cannot read {where}: {error.strerror or error}") from error
    except Refused as refused:
        raise DataError(f"{path} {refused}") from refused
    except (EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    seen = [file for file in files if not _hidden(file.name)]
    kinds = [os.path.splitext(file.name)[1].lower() for file in seen]
    return Listing(
        pictures=sorted(
            (file for file, kind in zip(seen, kinds, strict=True) if kind in SUFFIXES),
            key=lambda file: file.name,
        ),
        tables=sorted(
            (file for file in seen if file.name.lower().endswith((".csv", ".tsv"))),
            key=lambda file: file.name,
        ),
        folders=sorted(name for name in folders if name and not _hidden(name)),
        unsupported=dict(Counter(kind for kind in sorted(kinds) if kind in OTHER_PICTURES)),
    )


def _say_what_lies_outside(
    folder: Path, files: list[PictureFile], report: Callable[[str], None]
) -> None:
    """Links are followed, as data sets on other disks need it, but never in silence."""
    inside = os.path.realpath(folder)
    places = {os.path.dirname(file.file): file for file in files}  # one of each folder
    outside = [
        file
        for file in (*places.values(), *(each for each in files if os.path.islink(each.file)))
        if not os.path.realpath(file.file).startswith(os.path.join(inside, ""))
    ]
    if outside:
        first = outside[0]
        report(
            f"links lead out of {shown(str(folder))}: {shown(first.name)} is "
            f"{shown(os.path.realpath(first.file))}"
        )


def shown(name: str) -> str:
    """`name` without characters that would spoil a line or a terminal: they become `\\x1b`, `\\n`."""
    return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), name)


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part.lower() in IGNORED for part in name.split("/"))


def _inside(member: str) -> str:
    """The name of an archive's member, without what would lead out of a folder."""
    parts = member.replace("\\", "/").split("/")
    return shown("/".join(part for part in parts if part not in ("", ".", "..")))


def _refuse(error: OSError) -> None:
    raise error


def _in_folder(path: Path) -> tuple[list[PictureFile], set[str]]:
    files, folders = [], set[str]()
    real_parents: dict[str, set[str]] = {str(path): {os.path.realpath(path)}}
    # A folder that may not be read is an error: leaving a class out must not go unnoticed.
    for folder, names, file_names in os.walk(path, followlinks=True, onerror=_refuse):
        parents = real_parents.pop(folder)
        kept = []
        for name in names:
            full = os.path.join(folder, name)
            real = os.path.realpath(full)
            if _hidden(name) or real in parents:  # or a link that leads back up
                continue
            real_parents[full] = parents | {real}
            kept.append(name)
        names[:] = kept
        here = Path(folder)
        relative = shown(here.relative_to(path).as_posix().removeprefix("."))
        folders.add(relative)
        prefix = f"{relative}/" if relative else ""
        for name in file_names:
            try:
                status = os.stat(f"{folder}/{name}")
            except OSError:  # a broken link
                continue
            if not stat.S_ISREG(status.st_mode):  # a pipe, a device
                continue
            stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            files.append(PictureFile(prefix + shown(name), here / name, stamp=stamp))
    return files, folders


def _in_zip(path: Path) -> tuple[list[PictureFile], set[str]]:
    files, folders = dict[str, PictureFile](), set[str]()
    with open_zip(path, MOST_MEMBERS) as archive:
        for member in archive.infolist():
            name = _inside(member.filename)
            if member.is_dir():
                folders.add(name)
            else:
                # Of two members with one name the later one counts, as when they are unpacked.
                stamp = (member.file_size, member.CRC)
                files[member.filename] = PictureFile(
                    name, path, member=member.filename, stamp=stamp
                )
                folders.update(_parents(name))
    return list(files.values()), folders


def _in_tar(path: Path, report: Callable[[str], None]) -> tuple[list[PictureFile], set[str]]:
    plain = path if path.name.lower().endswith(".tar") else _unpacked(path, report)
    places, folders = dict[str, tuple[int, int, int]](), set[str]()
    links: list[tuple[str, str]] = []
    with tarfile.open(plain, "r:") as archive:
        for number, member in enumerate(archive):
            if number == MOST_MEMBERS:
                raise Refused(
                    f"holds more than {MOST_MEMBERS:,} files; unpack it, and name the folder"
                )
            name = posixpath.normpath(member.name)
            if member.isdir():
                folders.add(_inside(name))
            elif member.isreg():
                places[name] = (member.offset_data, member.size, int(member.mtime))
            elif member.islnk():  # tar packs a file once and its hard links as such
                links.append((name, posixpath.normpath(member.linkname)))
            elif member.issym():
                target = posixpath.join(posixpath.dirname(name), member.linkname)
                links.append((name, posixpath.normpath(target)))
    for name, target in links:
        if target in places:
            places[name] = places[target]
    files = []
    for name, (offset, size, mtime) in places.items():
        inside = _inside(name)
        stamp = (size, mtime, offset)
        files.append(PictureFile(inside, plain, offset=offset, size=size, stamp=stamp))
        folders.update(_parents(inside))
    return files, folders


def _unpacked(path: Path, report: Callable[[str], None]) -> Path:
    """The archive without its compression, in the cache: its members can then be read in any order."""
    from torchcamp.data.fetch import cache_dir  # urllib, which decoding processes need not load

    unpack = _decompressor(path)
    status = path.stat()
    stem = path.name.partition(".")[0]
    identity = f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"
    target = cache_dir() / "archives" / f"{stem}-{text_hash(identity)[:16]}.tar"
    if target.exists():
        return target
    report(f"unpacking {path.name} into the cache")

    def write(part: Path) -> None:
        said, written = time.monotonic(), 0
        with path.open("rb") as packed, unpack(packed) as content, part.open("wb") as plain:
            while chunk := content.read(COPIED_AT_ONCE):
                written += plain.write(chunk)
                if is_bomb(written, status.st_size, BOMBS_FROM):
                    raise ValueError(
                        "it grows more than a hundredfold, as a bomb does; unpack it yourself, and name "
                        "the folder"
                    )
                if time.monotonic() - said > SECONDS_BETWEEN_LINES:
                    share = packed.tell() / max(1, status.st_size)
                    report(f"unpacking {path.name}: {100 * share:.0f} % of it read")
                    said = time.monotonic()

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, write)
    except Exception as error:  # each kind of compression has errors of its own
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        where = f" into {target.parent}" if getattr(error, "errno", None) else ""
        raise DataError(f"cannot unpack {path}{where}: {reason}") from error
    return target


def _decompressor(path: Path) -> Callable[[Any], Any]:
    """What opens a packed stream.

    Raises:
        DataError: this Python cannot unpack such a file.
    """
    name = next(module for end, module in MODULES.items() if path.name.lower().endswith(end))
    try:
        return importlib.import_module(name).open
    except ImportError as error:  # zstd is part of Python from 3.14 on
        raise DataError(
            f"this Python cannot unpack {path.name}; unpack it, or pack it as .tar.gz"
        ) from error


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
