"""Files that are whole at any moment. Without torch: the course's files use it too."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` with a temporary path beside `path`, sync what it wrote, then rename.

    At any moment `path` holds its old content or its new one, whole.
    """
    handle, part_name = tempfile.mkstemp(".part", f".{path.name}-", path.parent)
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


def text_hash(text: str) -> str:
    """SHA-256 of `text`, to tell whether a file is still what it was."""
    return hashlib.sha256(text.encode()).hexdigest()
