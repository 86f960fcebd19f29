"""Zip archives that come from elsewhere: unpacked whole, or refused with one sentence.

Nothing in an archive is believed. Names must stay inside the folder, only files and folders are
made, what comes out is counted while it is written, and nobody is told of half an archive.
"""

import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from torchcamp.base.errors import UserError

MOST_BYTES = 200 * 2**20  # unpacked, all files together
MOST_FILES = 5_000
MOST_RATIO = 100  # of unpacked to packed bytes; text has 3 to 10
ALWAYS_FINE = 2**20  # bytes unpacked, whatever the ratio
LONGEST_NAME = 200  # characters of one part of a path
AT_ONCE = 2**20  # bytes
LEFT_BEHIND = {"__MACOSX", ".DS_Store", "Thumbs.db"}  # what systems add to archives
SPOILED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError,
)  # fmt: skip


def unpack_zip(archive: Path, folder: Path) -> None:
    """Unpack `archive` into the existing, empty `folder`.

    Raises:
        UserError: it is not a zip archive, is spoiled or encrypted, is larger than the limits, holds
            a link, or a name that leads elsewhere or stands in it twice. What was written until
            then stays in `folder`: it is the caller's to remove.
        OSError: `folder` cannot be written.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _wanted(archive, opened)
            _write(archive, opened, members, folder)
    except SPOILED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk, not of the archive
        raise UserError(f"{archive.name} is not a zip archive, or is spoiled ({error})") from error


def _wanted(archive: Path, opened: zipfile.ZipFile) -> dict[tuple[str, ...], zipfile.ZipInfo]:
    """The files of the archive by the parts of their names, none of which leads elsewhere."""
    found: dict[tuple[str, ...], zipfile.ZipInfo] = {}
    infos = opened.infolist()
    if len(infos) > MOST_FILES:
        raise UserError(
            f"{archive.name} holds {len(infos):,} files; at most {MOST_FILES:,} are read"
        )
    for info in infos:
        parts = _parts(archive, info)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "a link" if kind == stat.S_IFLNK else "a special file"
            raise UserError(
                f"{archive.name} holds {what}, {info.filename!r}: files and folders only"
            )
        if info.flag_bits & 1:
            raise UserError(f"{archive.name} is encrypted; make it again without a password")
        if info.is_dir() or LEFT_BEHIND & set(parts):
            continue
        found[parts] = info
    _refuse_clashes(archive, [_parts(archive, info) for info in infos if not info.is_dir()])
    size, packed = sum(info.file_size for info in found.values()), archive.stat().st_size
    if size > MOST_BYTES:
        raise UserError(
            f"{archive.name} has {size / 1e6:,.0f} MB unpacked; at most {MOST_BYTES / 1e6:,.0f} are read"
        )
    if size > max(ALWAYS_FINE, MOST_RATIO * packed):
        raise UserError(
            f"{archive.name} grows to {size / max(packed, 1):,.0f} times its size when it is unpacked; "
            f"at most {MOST_RATIO} times is read"
        )
    return found


def _parts(archive: Path, info: zipfile.ZipInfo) -> tuple[str, ...]:
    """The parts of a member's name."""
    name = info.orig_filename  # `filename` is cut at a null byte
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    leads_elsewhere = name.startswith("/") or "\\" in name or name[1:2] == ":" or ".." in parts
    if leads_elsewhere or not parts:
        raise UserError(f"{archive.name} holds the name {name!r}, which leads out of its folder")
    if not name.isprintable():
        raise UserError(f"{archive.name} holds a name with control characters: {name!r}")
    if any(len(part) > LONGEST_NAME for part in parts):
        raise UserError(f"{archive.name} holds a name of {len(name)} characters: {name[:40]!r}...")
    return parts


def _refuse_clashes(archive: Path, names: list[tuple[str, ...]]) -> None:
    """No name twice, also where capitals do not count, and none that is a file and a folder."""
    seen: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()
    for name in names:
        plain = tuple(unicodedata.normalize("NFC", part).casefold() for part in name)
        if plain in seen:
            raise UserError(f"{archive.name} holds the name {'/'.join(name)!r} twice")
        seen.add(plain)
        folders |= {plain[:length] for length in range(1, len(plain))}
    if both := sorted(seen & folders):
        raise UserError(f"{archive.name} holds {'/'.join(both[0])!r} as a file and as a folder")


def _write(
    archive: Path,
    opened: zipfile.ZipFile,
    members: dict[tuple[str, ...], zipfile.ZipInfo],
    folder: Path,
) -> None:
    written = 0
    for parts, info in members.items():
        path = folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            for chunk in _chunks(opened, info):
                written += len(chunk)
                if written > MOST_BYTES:
                    raise UserError(
                        f"{archive.name} has more unpacked than it says; nothing is read"
                    )
                file.write(chunk)


def _chunks(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with opened.open(info) as stream:
        while chunk := stream.read(AT_ONCE):
            yield chunk
