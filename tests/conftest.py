"""What the tests share."""

import gzip
import http.server
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, sync_playwright

from tests.zygote import Zygote
from torchcamp.course.server import launch
from torchcamp.data import fetch
from torchcamp.data.idx import write_idx

# A busy machine may be slow at any example.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")
_state = tempfile.TemporaryDirectory()  # of this process and those that it starts
os.environ["XDG_STATE_HOME"] = _state.name  # no test sees, or changes, which runs the user trusts
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # `gw0`, `gw1`, ...: one on every core
    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that tests start
    torch.set_num_threads(1)
    launch.FIRST_PORT += 1000 * (1 + int(worker[2:]))  # two must not find the same port free


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's cache, workspace or mirrors, nor another test's random state."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for name in ("TORCHCAMP_MIRROR", "TORCHCAMP_CONTENT", "TORCHCAMP_LANGUAGE"):
        monkeypatch.setenv(name, "")  # so that what a command sets is taken away afterwards
        monkeypatch.delenv(name)
    torch.manual_seed(0)


@pytest.fixture
def no_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without MNIST and without a network."""
    monkeypatch.delenv("TORCHCAMP_DATA", raising=False)
    monkeypatch.setattr(fetch, "mirror_answers", lambda name, seconds=3.0: False)


@pytest.fixture
def mnist_root() -> Path:
    """The folder that holds the real MNIST, or a skip that says so."""
    root = os.environ.get("TORCHCAMP_DATA")
    if not root or not (Path(root) / "mnist").is_dir():
        pytest.skip("TORCHCAMP_DATA names no folder with mnist/")
    return Path(root)


def write_set(folder: Path, changes: dict[str, np.ndarray] | None = None) -> None:
    """A small data set of four packed IDX files, 40 + 20 random pictures with labels 0 to 9."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    arrays = {
        "train-images-idx3": rng.integers(0, 256, (40, 28, 28)),
        "train-labels-idx1": np.arange(40) % 10,
        "t10k-images-idx3": rng.integers(0, 256, (20, 28, 28)),
        "t10k-labels-idx1": np.arange(20) % 10,
    } | (changes or {})
    for part, array in arrays.items():
        write_idx(folder / f"{part}-ubyte.gz", array.astype(np.uint8))


@pytest.fixture
def idx_folder(tmp_path: Path) -> Path:
    """`idx:` data of 40 + 20 random pictures."""
    write_set(tmp_path / "idx")
    return tmp_path / "idx"


class LocalServer:
    """A server on a free port of this machine; `answer` answers every request."""

    def __init__(self) -> None:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Mirror(LocalServer):
    """A local server that stands for a mirror; each path answers with what a test put there."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        self.requests: list[str] = []
        super().__init__()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        self.requests.append(request.path)
        content = self.files.get(request.path)
        if callable(content):
            content(request)
        elif content is None:
            request.send_error(404)
        else:
            request.send_response(200)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            if request.command == "GET":
                request.wfile.write(content)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    server = Mirror()
    yield server
    server.close()


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: Mirror) -> Mirror:
    """A mirror that holds a small `mnist` whose sums are the published ones; no MNIST here yet."""
    import hashlib

    monkeypatch.delenv("TORCHCAMP_DATA", raising=False)
    write_set(tmp_path / "origin")
    sums = {}
    for file in fetch.FILES:
        packed = (tmp_path / "origin" / f"{file}.gz").read_bytes()
        mirror.files[f"/mnist/{file}.gz"] = packed
        sums[file] = hashlib.sha256(gzip.decompress(packed)).hexdigest()
    source = fetch.Source(
        title="small", mirrors=(f"{mirror.address}/mnist/",), sha256=sums, packed_md5={}
    )
    monkeypatch.setitem(fetch.SOURCES, "mnist", source)
    return mirror


def hears_ctrl_c() -> None:
    """`preexec_fn` of children that get Ctrl-C: a shell's background jobs are born deaf to it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # no network
]


def chromium() -> str | None:
    """The system's Chromium; under `.ci/run` it must be there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("TORCHCAMP_CI"):
        pytest.fail("no Chromium: .ci/run installs it")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
