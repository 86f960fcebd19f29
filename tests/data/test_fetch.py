"""Downloads that go wrong leave nothing behind; those that go right are seen whole or not at all."""

import contextlib
import errno
import gzip
import http.server
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Mirror, write_set
from torchcamp.base.errors import DataError
from torchcamp.data import fetch
from torchcamp.data.images import load_images

FIRST = f"/mnist/{fetch.FILES[0]}.gz"


def left_over() -> list[str]:
    folder = fetch.cache_dir() / "mnist"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def whole() -> list[str]:
    return sorted(f"{file}.gz" for file in fetch.FILES)


def test_fetch_and_load(published: Mirror):
    said: list[str] = []
    assert len(load_images("mnist", said.append).train_labels) == 40
    assert left_over() == whole()
    assert "fetching" in said[0]
    count = len(published.requests)
    load_images("mnist")
    assert len(published.requests) == count  # from the cache


def test_the_second_mirror_is_asked(published: Mirror, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCHCAMP_MIRROR", f"{published.address}/empty")
    fetch.fetch("mnist")
    assert left_over() == whole()
    assert published.requests[0].startswith("/empty/mnist/")


def test_a_corrupt_mirror(published: Mirror):
    published.files[FIRST] = gzip.compress(b"something else")
    with pytest.raises(DataError, match="no mirror delivered") as raised:
        fetch.fetch("mnist")
    assert "SHA-256" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert left_over() == []


def test_a_mirror_of_error_pages(published: Mirror):
    published.files[FIRST] = b"<html>welcome to this hotel's network</html>"
    with pytest.raises(DataError, match="not a valid gzip file"):
        fetch.fetch("mnist")
    assert left_over() == []


def test_a_connection_that_breaks(published: Mirror):
    content = published.files[FIRST]
    assert isinstance(content, bytes)

    def half(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        handler.wfile.flush()
        handler.connection.close()

    published.files[FIRST] = half
    with pytest.raises(DataError, match="no mirror delivered"):
        fetch.fetch("mnist")
    assert left_over() == []
    published.files[FIRST] = content
    fetch.fetch("mnist")
    assert left_over() == whole()


def test_ones_own_mirror_is_asked_first(published: Mirror, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCHCAMP_MIRROR", f"{published.address}/own/")
    assert fetch.mirrors("mnist") == (
        f"{published.address}/own/mnist/",
        f"{published.address}/mnist/",
    )


def test_the_folder_that_is_named_comes_before_the_cache(
    published: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cached = fetch.fetch("mnist")
    assert fetch.locate("mnist") == cached
    write_set(tmp_path / "named" / "mnist")
    monkeypatch.setenv("TORCHCAMP_DATA", str(tmp_path / "named"))
    assert fetch.locate("mnist") == tmp_path / "named" / "mnist"
    (tmp_path / "named" / "mnist" / f"{fetch.FILES[2]}.gz").unlink()  # three of four are none
    assert fetch.locate("mnist") == cached


def test_no_mirror_at_all(published: Mirror, monkeypatch: pytest.MonkeyPatch):
    published.files.clear()
    with pytest.raises(DataError, match="HTTP 404"):
        fetch.fetch("mnist")
    assert left_over() == []


def test_a_damaged_file_in_the_cache_is_fetched_again(published: Mirror):
    folder = fetch.fetch("mnist")
    (folder / f"{fetch.FILES[1]}.gz").write_bytes(b"damaged")
    said: list[str] = []
    fetch.fetch("mnist", said.append)
    assert "damaged" in said[0]
    load_images("mnist")


CHILD = """
import sys, time
from torchcamp.data import fetch
source = fetch.SOURCES["mnist"]
fetch.SOURCES["mnist"] = fetch.Source(title="", mirrors=(sys.argv[1],), sha256=eval(sys.argv[2]),
                                      packed_md5={})
fetch.fetch("mnist")
"""


def child(
    published: Mirror, preexec_fn: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            CHILD,
            f"{published.address}/mnist/",
            repr(fetch.SOURCES["mnist"].sha256),
        ],
        stderr=subprocess.PIPE,
        preexec_fn=preexec_fn,
    )


def test_two_processes_at_once(published: Mirror):
    children = [child(published) for _ in range(2)]
    for process in children:
        _, words = process.communicate(timeout=60)
        assert process.returncode == 0, words
    assert left_over() == whole()
    load_images("mnist")


def test_an_interrupted_download_is_not_seen_later(published: Mirror):
    content = published.files[FIRST]
    assert isinstance(content, bytes)
    started = threading.Event()

    def slowly(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:100])
        handler.wfile.flush()
        started.set()
        time.sleep(3)

    published.files[FIRST] = slowly
    process = child(published)
    assert started.wait(30)
    process.kill()
    process.communicate()
    assert not fetch.locate("mnist")
    assert whole()[0] not in left_over()
    published.files[FIRST] = content
    (part,) = (fetch.cache_dir() / "mnist").glob(".*.part.gz")
    os.utime(part, (0, 0))  # long ago
    fetch.fetch("mnist")
    assert left_over() == whole()
    load_images("mnist")


def test_a_full_disk(published: Mirror):
    """The operating system refuses the write: a limit on the size of files stands for the disk."""
    process = child(
        published,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)),
    )
    _, words = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"DataError: cannot write" in words
    assert left_over() == []


def test_a_full_disk_in_words(published: Mirror, monkeypatch: pytest.MonkeyPatch):
    def full(url: str, part: Path) -> None:
        part.write_bytes(b"some")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(fetch, "_download", full)
    with pytest.raises(DataError, match="No space left on device"):
        fetch.fetch("mnist")
    assert left_over() == []


def test_no_permission(published: Mirror, tmp_path: Path):
    locked = tmp_path / "cache" / "torchcamp"
    locked.mkdir(parents=True)
    locked.chmod(0o555)
    own = os.geteuid()
    try:
        if own == 0:  # root may write anywhere: be nobody for a moment
            os.seteuid(65534)
        with pytest.raises(DataError, match=r"cannot (create|write)"):
            fetch.fetch("mnist")
    finally:
        os.seteuid(own)
        locked.chmod(0o755)


def test_mirrors_are_asked_for_three_seconds_at_most(published: Mirror):
    assert fetch.mirror_answers("mnist")

    def slow(handler: http.server.BaseHTTPRequestHandler) -> None:
        time.sleep(2)
        with contextlib.suppress(BrokenPipeError):  # who asked may have left
            handler.send_response(200)
            handler.end_headers()

    published.files[f"/mnist/{fetch.FILES[3]}.gz"] = slow
    assert fetch.mirror_answers("mnist", seconds=30)
    assert not fetch.mirror_answers("mnist", seconds=0.3)
