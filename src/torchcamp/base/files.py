"""Files read with care and written atomically. Does not import torch: the course's server need not.

Every error that leaves here is an OSError whose `filename` is the file that the user knows, never
the temporary one beside it.
"""

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

MOST_TEXT = 64 * 2**20  # bytes of a text file that we wrote: run.json, progress.json, an answer
MOST_SOURCE = 16 * 2**20  # of a script or an answer
SUBSTITUTED = Path("/dev/fd")
KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a named pipe, which is waited for without end"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` with a temporary path next to `path`, sync what it wrote, then rename.

    `path` always holds either all of its old content or all of its new one.

    Raises:
        OSError: it cannot be written, or is not a regular file, such as /dev/null;
            its filename is `path`.
    """
    with naming(path):
        if path.exists():
            require_regular(path)
        handle, part_name = tempfile.mkstemp(".part", f".{path.name[:200]}-", path.parent)
        os.close(handle)
        part = Path(part_name)
        try:
            write(part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.chmod(0o644)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def save_text(path: Path, text: str) -> None:
    """Write `text` atomically, as UTF-8 whatever the locale.

    The bytes of a file's name that are not UTF-8 are written as `\\udce9`.

    Raises:
        OSError: it cannot be written; its filename is `path`.
    """
    content = text.encode("utf-8", "backslashreplace")
    write_atomically(path, lambda part: part.write_bytes(content))


def require_regular(path: Path, most: int | None = None) -> None:
    """Refuse what must not be opened: reading a pipe waits for ever, a device has no end.

    Args:
        path: links are followed; what a shell substitutes for `<(command)` is let through.
        most: bytes that it may have.

    Raises:
        OSError: `path` is missing, is not a regular file, or is larger than `most`; `strerror` is
            the rest of a sentence that begins with the file's name.
    """
    status = path.stat()
    if stat.S_ISFIFO(status.st_mode) and path.parent == SUBSTITUTED:
        return  # a shell's `<(command)`, at whose other end somebody writes
    for is_kind, words in KINDS:
        if is_kind(status.st_mode):
            raise OSError(errno.EINVAL, f"{words}; expected a file", str(path))
    if most is not None and status.st_size > most:
        size, limit = status.st_size / 1e6, most / 1e6
        raise OSError(
            errno.EFBIG, f"has {size:,.0f} MB; at most {limit:,.0f} are read here", str(path)
        )


def regular_bytes(path: Path, most: int | None = None) -> bytes:
    """The content of a file that `require_regular` lets through.

    Raises:
        OSError: see there, or it cannot be read.
    """
    require_regular(path, most)
    return path.read_bytes()


def regular_text(path: Path, most: int = MOST_TEXT) -> str:
    """The text of a file that `require_regular` lets through, its line ends as `\\n`.

    Raises:
        OSError: see there, or it cannot be read, or is not UTF-8.
    """
    require_regular(path, most)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        byte = f"byte {error.object[error.start]:#04x} at {error.start:,}"
        raise OSError(
            errno.EINVAL, f"is not UTF-8 text ({byte}); save it as UTF-8", str(path)
        ) from error


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give `path` as the filename to any OSError of the block."""
    try:
        yield
    except OSError as error:
        if error.errno is None or isinstance(error, BrokenPipeError):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def in_words(error: OSError) -> str:
    """What went wrong with which file, and the way on, in one sentence."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return f"cannot write: {reason}" if error.errno == errno.ENOSPC else reason
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"cannot write {error.filename}: {reason}; free some space, then type it again"
    if error.errno in (errno.EINVAL, errno.EFBIG):
        return f"{error.filename} {reason}"
    return f"{error.filename}: {reason}"


def text_hash(text: str) -> str:
    """SHA-256 of `text`, to tell whether a file has changed."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
