"""Find MNIST, Fashion-MNIST and CIFAR-10 on this machine, or download them.

They are looked for in `$TORCHCAMP_DATA/NAME/`, then in the user's cache, then fetched from a
mirror. A file is downloaded under a temporary name, checked, and only then renamed: a later run
never sees a partial or wrong file, and two processes may fetch at once (the second rename replaces
a file with an identical one).

`TORCHCAMP_MIRROR=URL` adds a mirror, such as a classroom's, that is tried before the others.
"""

import contextlib
import gzip
import hashlib
import os
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from torchcamp.base.errors import DataError
from torchcamp.data.idx import read_bytes

PARTS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
FILES = tuple(f"{part}-ubyte" for part in PARTS)
CIFAR10_BATCHES = (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A published data set: its mirrors and what each of its files must contain."""

    title: str
    mirrors: tuple[str, ...]
    sha256: dict[str, str]  # of the unpacked file
    packed_md5: dict[str, str]  # of the published .gz, where no SHA-256 was published
    files: tuple[str, ...] = FILES
    unpacked: tuple[str, ...] = ()  # what the archive in `files` holds, as it may lie here instead


SOURCES = {
    "mnist": Source(
        title="MNIST, 60,000 + 10,000 handwritten digits",
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        sha256={
            FILES[0]: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            FILES[1]: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            FILES[2]: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            FILES[3]: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
        packed_md5={},
    ),
    # MD5 sums recalled from the authors' page, not yet checked against a download. A wrong sum would
    # reject a good file; it would never accept a bad one.
    "fashion": Source(
        title="Fashion-MNIST, 60,000 + 10,000 pictures of clothes",
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        sha256={},
        packed_md5={
            FILES[0]: "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            FILES[1]: "25c81989df183df01b3e8a0aad5dffbe",
            FILES[2]: "bef4ecab320f06d8554ea6380940ec79",
            FILES[3]: "bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    # The MD5 sum on the author's page.
    "cifar10": Source(
        title="CIFAR-10, 50,000 + 10,000 photographs of 32x32 pixels",
        mirrors=("https://www.cs.toronto.edu/~kriz/",),
        sha256={},
        packed_md5={"cifar-10-binary.tar": "c32a1d4ab5d03f1284b67883e8d87530"},
        files=("cifar-10-binary.tar",),
        unpacked=tuple(f"cifar-10-batches-bin/{name}" for name in CIFAR10_BATCHES),
    ),
}


def cache_dir() -> Path:
    """The folder where torchcamp keeps downloads on this system."""
    return Path(platformdirs.user_cache_dir("torchcamp", appauthor=False))


def mirrors(name: str) -> tuple[str, ...]:
    """Base URLs to fetch `name` from, in order, each ending in a slash."""
    extra = os.environ.get("TORCHCAMP_MIRROR")
    published = SOURCES[name].mirrors
    return (f"{extra.rstrip('/')}/{name}/", *published) if extra else published


def find_file(folder: Path, file: str) -> Path | None:
    """`file` in `folder`, unpacked or packed, or None."""
    for path in (folder / file, folder / f"{file}.gz"):
        if path.is_file():
            return path
    return None


def files_in(folder: Path, name: str) -> dict[str, Path]:
    """The files of `name` that `folder` holds, packed or unpacked; empty if one of them is missing."""
    for files in (SOURCES[name].files, SOURCES[name].unpacked):
        found = {file: path for file in files if (path := find_file(folder, file))}
        if found and len(found) == len(files):
            return found
    return {}


def locate(name: str) -> Path | None:
    """The folder on this machine that holds all files of `name`, or None."""
    folders = [cache_dir() / name]
    if root := os.environ.get("TORCHCAMP_DATA"):
        folders.insert(0, Path(root) / name)
    for folder in folders:
        if files_in(folder, name):
            return folder
    return None


def check_content(name: str, file: str, path: Path) -> bytes:
    """Unpack `path` and compare it with what `file` of data set `name` must contain.

    Returns:
        The unpacked content.

    Raises:
        DataError: unreadable, truncated, damaged, or not the published file.
    """
    content = read_bytes(path)
    source = SOURCES[name]
    expected = source.sha256.get(file)
    if expected and hashlib.sha256(content).hexdigest() != expected:
        raise DataError(f"{path} is not the published file: the SHA-256 of its content differs")
    packed = source.packed_md5.get(file)
    if packed and path.suffix == ".gz":
        digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        if digest != packed:
            raise DataError(f"{path} is not the published file: its MD5 differs")
    return content


def is_checked(name: str, file: str, path: Path) -> bool:
    """Whether `check_content` compares this file with a published sum, or only unpacks it."""
    source = SOURCES[name]
    return file in source.sha256 or (file in source.packed_md5 and path.suffix == ".gz")


def fetch(name: str, report: Callable[[str], None] = lambda line: None) -> Path:
    """Download the files of `name` into the cache, verify them, and return their folder.

    Intact files are kept; a failed download leaves nothing behind.

    Raises:
        DataError: no mirror delivered the right content, or the cache is not writable.
    """
    folder = cache_dir() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot create the cache folder {folder}: {error.strerror or error}; set "
            f"TORCHCAMP_DATA to a folder that holds {name}/ with its files"
        ) from error
    _sweep(folder)
    for file in SOURCES[name].files:
        target = folder / f"{file}.gz"
        if target.exists():
            try:
                check_content(name, file, target)
            except DataError:
                report(f"{target.name} is damaged, fetching it again")
            else:
                continue
        _fetch_file(name, file, target, report)
    return folder


def _sweep(folder: Path) -> None:
    """Remove partial downloads older than an hour; a newer one may still be in progress."""
    for part in folder.glob(".*.part.gz"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > 3600:
                part.unlink()


def _fetch_file(name: str, file: str, target: Path, report: Callable[[str], None]) -> None:
    problems = []
    for mirror in mirrors(name):
        url = f"{mirror}{file}.gz"
        report(f"fetching {url}")
        part: Path | None = None
        try:
            handle, part_name = tempfile.mkstemp(".part.gz", f".{file}-", target.parent)
            os.close(handle)
            part = Path(part_name)
            _download(url, part)
            check_content(name, file, part)
            part.chmod(0o644)
            part.replace(target)
            return
        except DataError as error:
            problems.append(f"{mirror} sent the wrong content ({_without_path(error, part)})")
        except OSError as error:
            # requests' exceptions are OSErrors too, without an errno: their text names the cause.
            if error.errno is not None and part is not None and _is_local(error):
                raise DataError(f"cannot write {target}: {error.strerror}") from error
            if part is None:
                raise DataError(f"cannot write into {target.parent}: {error.strerror}") from error
            problems.append(f"{mirror}: {_reason(error)}")
        finally:
            if part is not None:
                with contextlib.suppress(OSError):
                    part.unlink()
    raise DataError(
        f"no mirror delivered {file}.gz of {name}: {'; '.join(problems)}; try again later, or set "
        "TORCHCAMP_MIRROR to another mirror's address"
    )


def _download(url: str, part: Path) -> None:
    import pooch  # imports requests, which is slow; not needed when the data is on this machine

    try:
        pooch.HTTPDownloader(timeout=30)(url, str(part), None)
    except ValueError as error:  # an address that requests cannot parse
        raise DataError(str(error)) from error
    try:  # not every truncated download raises an error above
        with gzip.open(part) as file:
            while file.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{part} is not a valid gzip file ({error})") from error


def _is_local(error: OSError) -> bool:
    """Whether `error` came from writing the file rather than from the connection."""
    import requests

    return not isinstance(error, (requests.RequestException, ConnectionError, TimeoutError))


def _reason(error: OSError) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.Timeout | TimeoutError):
        return "timed out"
    return "no connection" if isinstance(error, requests.ConnectionError) else str(error)


def _without_path(error: DataError, part: Path | None) -> str:
    return str(error).replace(str(part), "the file") if part else str(error)


def mirror_answers(name: str, seconds: float = 3.0) -> bool:
    """Whether a mirror of `name` answers within `seconds`, which the mirrors share."""
    addresses = mirrors(name)
    for mirror in addresses:
        request = urllib.request.Request(f"{mirror}{SOURCES[name].files[-1]}.gz", method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=seconds / len(addresses)):
                return True
        except (OSError, ValueError):
            continue
    return False
