"""Codes that open the course once each: the browser's history may keep them, they are worthless.

A code is an empty file in a folder of mode 0700, named after the code's hash. `torchcamp start`
makes it, the server takes it away; removing a file succeeds once, whoever tries at the same time.
"""

import hashlib
import secrets
from pathlib import Path

CODES = "TORCHCAMP_CODES"  # environment variable of a server: the folder of its codes


def new_code(folder: Path) -> str:
    """A new code, of 128 random bits.

    Raises:
        OSError: the folder cannot be written.
    """
    code = secrets.token_urlsafe(16)
    _file(folder, code).touch(mode=0o600)
    return code


def redeem(folder: Path, code: str) -> bool:
    """Whether `code` is one of ours that nobody has used; from now on it is used."""
    try:
        _file(folder, code).unlink()
    except FileNotFoundError:
        return False
    return True


def _file(folder: Path, code: str) -> Path:
    return folder / hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
