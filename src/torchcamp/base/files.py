"""Files written atomically. Does not import torch, so that the course's server need not."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` with a temporary path next to `path`, sync what it wrote, then rename.

    `path` always holds either all of its old content or all of its new one.
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
    """SHA-256 of `text`, to tell whether a file has changed."""
    return hashlib.sha256(text.encode()).hexdigest()
