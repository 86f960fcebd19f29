"""Whether the code in a run's folder may be run: what this machine trained, and what the user trusts.

Weights and checkpoints run nothing, but a run of somebody's own recipe holds its code in `source/`,
and evaluating, sampling or resuming the run imports it. So the SHA-256 of what lies in such a folder
is kept in the user's state folder when the run is trained here, or when the user says that they trust
it. It is the content that is trusted: a run may be moved or copied, and once a file in its `source/`
has been changed or added, it is a stranger's.

Compiled files beside the sources (`__pycache__`) are neither counted nor used: they could hold other
code than the sources that a person looks at.
"""

import contextlib
import fcntl
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType

import platformdirs

from torchcamp.base.errors import RunError
from torchcamp.base.files import MOST_SOURCE, regular_bytes

COMPILED = "__pycache__"
_here: set[str] = set()  # trusted in this process, also where nothing can be written


def fingerprint(source: Path) -> str:
    """SHA-256 of the names and contents of all files in `source`.

    Raises:
        RunError: one of them cannot be read, or is not a file.
    """
    digest = hashlib.sha256()
    try:
        for path in files_of(source):
            content = regular_bytes(path, MOST_SOURCE)
            name = os.fsencode(path.relative_to(source))
            digest.update(len(name).to_bytes(8) + name + len(content).to_bytes(8) + content)
    except OSError as error:
        raise RunError(f"cannot read {error.filename}: {error.strerror}") from error
    return digest.hexdigest()


def files_of(source: Path) -> list[Path]:
    """All files of a run's own code, in the order of their names."""
    return sorted(
        path
        for path in source.rglob("*")
        if COMPILED not in path.relative_to(source).parts and not path.is_dir()
    )


def trust(source: Path, *, remember: bool = True) -> None:
    """From now on, run the code in `source` without a question.

    Args:
        remember: also in later processes, where the user's state folder can be written.
    """
    found = fingerprint(source)
    _here.add(found)
    if not remember or found in _remembered():
        return
    with contextlib.suppress(OSError):
        file = _file()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(handle, "w", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.write(f"{found}\n")


def is_trusted(source: Path) -> bool:
    """Whether the code in `source` was trained here, or the user has said that they trust it."""
    found = fingerprint(source)
    return found in _here or found in _remembered()


def require_trusted(source: Path) -> None:
    """Refuse code that is neither from here nor trusted.

    Raises:
        RunError: it is not, or cannot be read.
    """
    if not is_trusted(source):
        raise RunError(
            f"{source.parent} holds code of its own that did not come from a training on this "
            f"machine, and it would be run with your rights: look at {source}, then add --trust "
            "(in Python: torchcamp.load(..., trust=True))"
        )


class FromSource(SourceFileLoader):
    """Imports a module from its source, and neither reads nor writes a compiled file beside it."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


@contextlib.contextmanager
def importing_sources_only(folder: Path) -> Iterator[None]:
    """While the block runs, whatever is imported from `folder` and below comes from its sources."""
    inside = os.path.realpath(folder)

    def finder(path: str) -> FileFinder:
        if os.path.commonpath([inside, os.path.realpath(path)]) != inside:
            raise ImportError(f"{path} is not in {inside}")
        return FileFinder(path, (FromSource, [".py"]))

    def forget() -> None:
        for path in list(sys.path_importer_cache):
            if path.startswith((inside, str(folder))):
                del sys.path_importer_cache[path]

    sys.path_hooks.insert(0, finder)
    forget()
    try:
        yield
    finally:
        sys.path_hooks.remove(finder)
        forget()


def _file() -> Path:
    return platformdirs.user_state_path("torchcamp", appauthor=False) / "trusted-sources"


def _remembered() -> set[str]:
    """What is written in the user's state folder, unless somebody else could have written it."""
    try:
        status = _file().stat()
        if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o022:
            return set()
        return set(regular_bytes(_file()).decode("ascii", "replace").split())
    except OSError:
        return set()
