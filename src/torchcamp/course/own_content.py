"""Content from elsewhere: a folder, a zip archive or an address becomes a folder on this machine.

An archive is unpacked once into the user's data folder, under the hash of its bytes:

    content/SHA-256/          what it holds
    content/SHA-256.origin    where it came from, a line of text
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from torchcamp.base.archives import unpack_zip
from torchcamp.base.errors import ContentError
from torchcamp.base.files import regular_text, require_regular, save_text
from torchcamp.course.content import local_content
from torchcamp.course.settings import data_dir

MOST_DOWNLOADED = 100 * 2**20  # bytes of an archive, as it is sent
SILENT_SECONDS = 30.0  # that a server may let us wait
MOST_SECONDS = 600.0  # of a whole download
AT_ONCE = 2**16  # bytes

Watch = Callable[[int, int | None], None]  # bytes so far, and in all where the server says so


def unwatched(done: int, of: int | None) -> None:
    """The progress of a download that nobody watches."""


def bring_content(asked: str, watch: Watch = unwatched) -> Path:
    """The folder of content, brought to this machine first where it is elsewhere. Runs none of it.

    Args:
        asked: `torchcamp` for ours, the name of an installed one, a folder, a .zip, or an address
            (http or https) of one.
        watch: called while an archive is downloaded.

    Raises:
        ContentError: the content does not exist, or it has no course.toml.
        UserError: the archive is refused: see `base.archives`.
        OSError: the user's data folder cannot be written.
    """
    if "://" in asked:
        return _from_address(asked, watch)
    path = Path(asked).expanduser()
    if path.is_file():
        require_regular(path, MOST_DOWNLOADED)
        return _unpacked(path, str(path.resolve()))
    return local_content(asked)


def origin_of(folder: Path) -> str:
    """Where the content in `folder` came from: an address, an archive, or the folder itself."""
    root = _store()
    if folder.is_relative_to(root):
        packed = root / folder.relative_to(root).parts[0]
        with contextlib.suppress(OSError):
            return regular_text(packed.with_suffix(".origin")).strip()
    return str(folder)


def _store() -> Path:
    return Path(os.path.realpath(data_dir() / "content"))


def _from_address(address: str, watch: Watch) -> Path:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        raise ContentError(f"{address!r}: content comes from an address with https:// or http://")
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()  # without a password
    _store().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_store(), prefix=".download-") as folder:
        file = Path(folder) / (Path(parts.path).name[:100] or "content.zip")
        _download(address, shown, file, watch)
        return _unpacked(file, shown)


def _download(address: str, shown: str, file: Path, watch: Watch) -> None:
    import requests  # slow to import; pooch brings it

    begun, done = time.monotonic(), 0
    try:
        with (
            requests.get(address, stream=True, timeout=SILENT_SECONDS) as answer,
            file.open("wb") as out,
        ):
            answer.raise_for_status()
            if address.startswith("https:") and not answer.url.startswith("https:"):
                raise ContentError(f"{shown} leads to {answer.url}, which is not encrypted")
            length = answer.headers.get("Content-Length", "")
            of = int(length) if length.isdecimal() else None
            for chunk in answer.iter_content(AT_ONCE):
                done += len(chunk)
                if max(done, of or 0) > MOST_DOWNLOADED:
                    raise ContentError(
                        f"{shown} sends more than {MOST_DOWNLOADED / 1e6:,.0f} MB, the most that is read"
                    )
                if time.monotonic() - begun > MOST_SECONDS:
                    raise ContentError(
                        f"{shown} took more than {MOST_SECONDS:,.0f} s; try again later"
                    )
                out.write(chunk)
                watch(done, of)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise ContentError(f"{shown} answers {status}; is the address right?") from error
    except requests.Timeout as error:
        raise ContentError(f"{shown} does not answer; try again later") from error
    except (requests.RequestException, ValueError) as error:
        raise ContentError(f"{shown} cannot be reached; is there a network?") from error


def _unpacked(archive: Path, origin: str) -> Path:
    """The content folder in `archive`, unpacked unless that was done before."""
    with archive.open("rb") as file:
        target = _store() / hashlib.file_digest(file, "sha256").hexdigest()
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target.parent, prefix=".unpacking-"))
        try:
            unpack_zip(archive, part)
            _content_in(part, archive)
            part.chmod(0o755)
            with contextlib.suppress(OSError):  # another process was quicker
                part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    save_text(target.with_suffix(".origin"), f"{origin}\n")
    return _content_in(target, archive)


def _content_in(folder: Path, archive: Path) -> Path:
    """Where `course.toml` lies: at the top, or in the only folder there, as archives of a folder have it."""
    below = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for place in (folder, *(below if len(below) == 1 else ())):
        if (place / "course.toml").is_file():
            return place
    raise ContentError(
        f"{archive.name} has no course.toml, neither at the top nor in one folder: it is not content"
    )
