"""Zip archives that come from elsewhere: the one door through which they are read.

Nothing in an archive is believed: not the names of its members, not their kinds, not their sizes.
What is not read is `Refused`, with the rest of a sentence that begins with a name. What that costs is
for whoever reads to decide:

    content of one's own    the whole archive (`unpack_zip`): half of a course is no course
    hand-ins                the member, with a notice: one learner's file is not the others' loss
    pictures                the member, which counts as unreadable; a name only says a class and, as
                            nothing is unpacked, leads nowhere: `..` and `/` are left out of it
"""

import contextlib
import lzma
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from torchcamp.base.errors import UserError

MOST_BYTES = 200 * 2**20  # that `unpack_zip` writes, all files together
MOST_FILES = 5_000  # that it writes
RATIO, RATIO_FROM = 100, 10 * 2**20  # what packs better than that, and is that large, is a bomb
LONGEST_NAME = 200  # characters of one part of a path
AT_ONCE = 2**20  # bytes
LEFT_BEHIND = {"__MACOSX", ".DS_Store", "Thumbs.db"}  # what systems add to archives
# Control characters, line ends, reversed writing, and what is not UTF-8 on disk.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others are unpacked without a limit
CENTRAL_ENTRY = b"PK\x01\x02"  # begins each entry of a zip's table of contents
SMALLEST_ENTRY = 46  # bytes
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError,
    RuntimeError, ValueError, OSError,
)  # fmt: skip


class Refused(Exception):
    """An archive or a member that is not read; the message ends a sentence that begins with its name."""


def open_zip(source: Path | BinaryIO, most: int) -> zipfile.ZipFile:
    """A zip, opened for reading.

    Args:
        source: the archive, a regular file or its bytes.
        most: members that it may have; more would take memory before anybody could count them.

    Raises:
        Refused: it is not a zip, is damaged or encrypted, or has more members.
        OSError: the file cannot be read.
    """
    try:
        _refuse_many(source, most)
        archive = zipfile.ZipFile(source)
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk, not of the archive
        if _begins(source) != b"PK":
            raise Refused("is not a zip archive") from error
        raise Refused(f"is a damaged zip ({reason(error)})") from error
    if any(info.flag_bits & 1 for info in archive.infolist()):
        archive.close()
        raise Refused("is encrypted; pack it without a password")
    return archive


def _begins(source: Path | BinaryIO) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(2)
    source.seek(0)
    return source.read(2)


def _refuse_many(source: Path | BinaryIO, most: int) -> None:
    """Count the entries of the table of contents without making anything of them."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        end = file.seek(0, 2)
        tail_at = max(0, end - 2**16 - 22)  # a comment may follow
        file.seek(tail_at)
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0:
            raise zipfile.BadZipFile("File is not a zip file")
        (length,) = struct.unpack_from("<L", tail, at + 12)
        start = tail_at + at - length
        if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):  # the longer form, before it
            (place,) = struct.unpack_from("<Q", tail, at - 20 + 8)
            file.seek(min(place, end))
            record = file.read(56)
            (length,) = struct.unpack_from("<Q", record, 40)
            start = min(place, end) - length
        if length // SMALLEST_ENTRY <= most:
            return
        file.seek(max(0, start))
        number, kept = 0, b""
        while chunk := file.read(AT_ONCE):
            number += (kept + chunk).count(CENTRAL_ENTRY)
            kept = chunk[-3:]
            if number > most:
                raise Refused(f"holds more than {most:,} files")


def member_parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """The parts of a member's name; old tools of Windows write backslashes.

    Raises:
        Refused: it is absolute, leads out of the archive, is very long, or holds characters that
            control a terminal.
    """
    name = info.orig_filename  # `filename` is cut at a null byte
    parts = tuple(part for part in re.split(r"[/\\]", name) if part not in ("", "."))
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise Refused("has an absolute name")
    if ".." in parts:
        raise Refused("has a name that leads out of the archive")
    if UNPRINTABLE.search(name):
        raise Refused("has a name with control characters")
    if any(len(part) > LONGEST_NAME for part in parts):
        raise Refused(f"has a name of {len(name):,} characters")
    return parts


def require_plain(info: zipfile.ZipInfo) -> None:
    """Only files and folders, and none that grow without measure.

    Raises:
        Refused: it is a link, a device or a pipe, or a bomb by what the archive says of it.
    """
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise Refused("is a link")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused("is not a regular file")
    if is_bomb(info.file_size, info.compress_size):
        raise Refused("grows more than a hundredfold when unpacked, as a zip bomb does")


def is_bomb(unpacked: int, packed: int, begins: int = RATIO_FROM) -> bool:
    """Whether so many bytes, from `begins` on, are more than honest content packs into so few."""
    return unpacked > begins and packed * RATIO < unpacked


def member_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """What a member holds, whatever size it claims.

    Raises:
        Refused: it is larger than `most` bytes, damaged, or packed in a way that cannot be limited.
    """
    if info.compress_type not in PACKINGS:
        raise Refused("is compressed in a way that is not read here; pack it as an ordinary zip")
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)
    except BROKEN as error:
        raise Refused(f"is damaged ({reason(error)})") from error
    if len(content) > most:
        raise Refused(f"is larger than {most >> 20} MB")
    return content


def reason(error: BaseException) -> str:
    """The first line of what went wrong."""
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return words.splitlines()[0][:200] if words else type(error).__name__


def unpack_zip(archive: Path, folder: Path) -> None:
    """Unpack `archive` into the existing, empty `folder`.

    Raises:
        UserError: it is refused, or one of its members is, is larger than the limits, or holds a
            name twice. What was written until then stays in `folder`: it is the caller's to remove.
        OSError: `folder` cannot be written.
    """
    name = archive.name
    try:
        with open_zip(archive, MOST_FILES) as opened:
            for parts, info in _wanted(name, opened).items():
                path = folder.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with _said_of(name, info):
                    content = member_content(opened, info, info.file_size)
                with path.open("xb") as file:
                    file.write(content)
    except Refused as refused:
        raise UserError(f"{name} {refused}") from refused


def _wanted(name: str, opened: zipfile.ZipFile) -> dict[tuple[str, ...], zipfile.ZipInfo]:
    """The files of the archive by the parts of their names, none of which leads elsewhere."""
    found: dict[tuple[str, ...], zipfile.ZipInfo] = {}
    names: list[tuple[str, ...]] = []
    for info in opened.infolist():
        with _said_of(name, info):
            parts = member_parts(info)
            require_plain(info)
        if not parts:
            raise Refused("holds a name that is empty")
        if info.is_dir():
            continue
        names.append(parts)
        if not LEFT_BEHIND & set(parts):
            found[parts] = info
    _refuse_clashes(names)
    size = sum(info.file_size for info in found.values())
    if size > MOST_BYTES:
        raise Refused(
            f"has {size / 1e6:,.0f} MB unpacked; at most {MOST_BYTES / 1e6:,.0f} are read"
        )
    return found


@contextlib.contextmanager
def _said_of(name: str, info: zipfile.ZipInfo) -> Iterator[None]:
    """Name the member of which the block refuses something."""
    try:
        yield
    except Refused as refused:
        shown = info.orig_filename[:60]
        raise UserError(f"{shown!r} in {name} {refused}; nothing of it is read") from refused


def _refuse_clashes(names: Iterable[tuple[str, ...]]) -> None:
    """No name twice, also where capitals do not count, and none that is a file and a folder."""
    seen: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()
    for name in names:
        plain = tuple(unicodedata.normalize("NFC", part).casefold() for part in name)
        if plain in seen:
            raise Refused(f"holds the name {'/'.join(name)!r} twice")
        seen.add(plain)
        folders |= {plain[:length] for length in range(1, len(plain))}
    if both := sorted(seen & folders):
        raise Refused(f"holds {'/'.join(both[0])!r} as a file and as a folder")
