"""Two learners on one JupyterHub, in Chromium: each sees their own course, and nothing of the other's.

It needs `make test-hub`'s packages, and skips without them. As root, each learner is a user of this
machine, made for the test; else both work in the account that runs it, in homes of their own, and what
one account may do to another is not tried.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import LocalServer
from tests.processes import (
    command,
    cpu_seconds,
    descendants,
    linux_only,
    listens_on_a_port,
    memory,
    wait_until_ended,
)
from torchcamp.course.server.launch import free_port

ROOT = Path(__file__).parents[2]
IDLE_SECONDS = 20
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900), linux_only]

CONFIG = """\
import os
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {names!r}
c.JupyterHub.spawner_class = "{spawner}"
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser", *{options!r}]
c.Spawner.environment = {{"TMPDIR": "{folder}/tmp", "TORCHCAMP_DATA": os.environ.get("TORCHCAMP_DATA", "")}}
"""


@dataclass(frozen=True)
class Hub:
    """A running JupyterHub and its two users; `separate` if each has an account of their own."""

    address: str
    process: subprocess.Popen[bytes]
    names: tuple[str, str]
    homes: Path
    separate: bool

    def course(self, name: str) -> int:
        """The process `torchcamp start` of a user."""
        for pid in descendants(self.process.pid):
            if "torchcamp start --socket" in command(pid) and self._is_of(pid, name):
                return pid
        raise AssertionError(f"{name} has no course: {self._commands()}")

    def jupyter(self, name: str) -> int:
        """The Jupyter server of a user."""
        for pid in descendants(self.process.pid):
            if "jupyterhub.singleuser" in command(pid) and self._is_of(pid, name):
                return pid
        raise AssertionError(f"{name} has no Jupyter server: {self._commands()}")

    def _is_of(self, pid: int, name: str) -> bool:
        return f"HOME={self.homes / name}" in _environment(pid)

    def _commands(self) -> list[str]:
        return [command(pid) for pid in descendants(self.process.pid)]


def _environment(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    except OSError:
        return []


def _proxy() -> str | None:
    """JupyterHub's own proxy, a program of Node.js."""
    local = ROOT / "node_modules" / ".bin" / "configurable-http-proxy"
    return str(local) if local.exists() else shutil.which("configurable-http-proxy")


def _can_run(name: str) -> bool:
    """Whether another account can run this Python with torchcamp and Jupyter in it."""
    check = [sys.executable, "-c", "import torchcamp, jupyterhub, marimo"]
    run = subprocess.run(["runuser", "-u", name, "--", *check], capture_output=True, cwd="/")
    return run.returncode == 0


def _make_accounts(names: tuple[str, str], homes: Path) -> bool:
    """Make an account for each name; false, and none is left, if these cannot be used here."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("useradd", "userdel", "runuser"))):
        return False
    for name in names:
        made = subprocess.run(
            ["useradd", "--create-home", "--home-dir", str(homes / name), name], capture_output=True
        )
        if made.returncode != 0 or not _can_run(name):
            _remove_accounts(names)
            return False
        (homes / name).chmod(0o700)
    return True


def _remove_accounts(names: tuple[str, str]) -> None:
    for name in names:
        subprocess.run(["userdel", name], capture_output=True)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    for name in ("jupyterhub", "jupyterlab", "jupyter_server_proxy"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed; make test-hub installs it")
    proxy = _proxy()
    if proxy is None:
        pytest.skip("configurable-http-proxy is not installed; make test-hub installs it")
    names = (f"tc-ada-{os.getpid()}", f"tc-ben-{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="torchcamp-hub-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # the homes must be reached by their owners
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)  # as /tmp is; Jupyter leaves folders behind
        separate = _make_accounts(names, folder)
        try:
            port = free_port()
            ports = [port, free_port(port + 1), free_port(port + 2)]
            config = CONFIG.format(
                ports=ports,
                proxy=proxy,
                folder=folder,
                names=set(names),
                homes=folder,
                python=sys.executable,
                options=["--allow-root"] if os.geteuid() == 0 and not separate else [],
                spawner="jupyterhub.spawner."
                + ("LocalProcessSpawner" if separate else "SimpleLocalProcessSpawner"),
            )
            (folder / "config.py").write_text(config, encoding="utf-8")
            with (folder / "log").open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "jupyterhub", "-f", str(folder / "config.py")],
                    cwd=folder,
                    stdout=log,
                    stderr=log,
                )
            started: dict[int, str] = {}
            try:
                _wait_for(lambda: b"JupyterHub is now running" in (folder / "log").read_bytes(), 60)
                yield Hub(f"http://127.0.0.1:{port}", process, names, folder, separate)
                started = descendants(process.pid)
            finally:
                started = started or descendants(process.pid)
                process.terminate()
                process.wait(timeout=60)
                wait_until_ended(started, 30)
        finally:
            if separate:
                _remove_accounts(names)


def _wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def log_in(browser: Browser, hub: Hub, name: str) -> tuple[BrowserContext, Page]:
    """A browser of its own for `name`, in which JupyterLab is open."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"{hub.address}/hub/login")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.wait_for_url(f"{hub.address}/user/{name}/lab**")
    return context, page


def listen(page: Page) -> list[str]:
    """What goes wrong in a page from now on: refusals, blocked loads, errors of scripts."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    return errors


def solve(page: Page) -> None:
    """Open a lesson from the home page, and solve an exercise."""
    page.locator('.lesson a[href^="./?file=convolution.py"]').click()
    exercise = page.locator('.exercise-editor[aria-label="Exercise conv_output_size"]')
    exercise.locator("textarea").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "def conv_output_size(input_size, kernel_size, padding, stride):\n"
        "    return (input_size + 2 * padding - kernel_size) // stride + 1\n"
    )
    page.keyboard.press("Control+Enter")
    exercise.locator(".verdict.pass").wait_for()


def solved(page: Page) -> int:
    """How many exercises the home page counts as solved."""
    return int(page.locator(".way small").nth(1).inner_text().split()[0])


def as_user(hub: Hub, name: str, code: str) -> str:
    """What a Python program prints that `name` runs on this machine."""
    run = subprocess.run(
        ["runuser", "-u", name, "--", sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_two_learners_cannot_see_each_others_course(browser: Browser, hub: Hub):
    ada, ben = hub.names
    figures: list[str] = []

    def note(what: str, *names: str) -> None:
        servers = [hub.jupyter(name) for name in names or [ada]]
        taken = sum(map(memory, servers)) >> 20
        figures.append(f"{taken} MB, {sum(map(cpu_seconds, servers)):.1f} s CPU: {what}")

    # Ada clicks the tile and solves an exercise.
    context, lab = log_in(browser, hub, ada)
    note("JupyterLab")
    tile = lab.locator(".jp-LauncherCard", has_text="torchcamp")
    with context.expect_page() as opened:
        tile.click()
    page = opened.value
    errors = listen(page)
    page.get_by_role("heading", name="The lessons").wait_for()
    assert page.url == f"{hub.address}/user/{ada}/torchcamp/"
    assert solved(page) == 0
    note("torchcamp's home page")
    solve(page)
    note("a lesson, and a check")
    time.sleep(IDLE_SECONDS)
    note(f"the same, {IDLE_SECONDS} s later")
    page.goto(f"{hub.address}/user/{ada}/torchcamp/")
    assert solved(page) == 1
    assert errors == []

    # Ben, by a link: the course is his own, and hers is closed to him.
    others, _ = log_in(browser, hub, ben)
    his = others.new_page()
    his.goto(f"{hub.address}/user/{ben}/torchcamp")
    his.get_by_role("heading", name="The lessons").wait_for()
    assert solved(his) == 0
    for path in ("", "?file=convolution.py", "api/version", "assets/index.js"):
        answer = others.request.get(f"{hub.address}/user/{ada}/torchcamp/{path}")
        assert answer.status == 403, path
    solve(his)
    note("both learners, each a lesson and a check", ada, ben)
    refused = his.goto(f"{hub.address}/user/{ada}/torchcamp/")
    assert refused
    assert refused.status == 403
    # Whoever has not logged in is led to the login.
    stranger = browser.new_context()
    asked = stranger.request.get(f"{hub.address}/user/{ada}/torchcamp/", max_redirects=0)
    assert (asked.status, "/hub/" in asked.headers["location"]) == (302, True)

    # On the machine: no port, and a socket that is closed to him.
    for name in hub.names:
        assert not listens_on_a_port(hub.course(name))
    if hub.separate:
        path = command(hub.course(ada)).split("--socket ")[1].strip()
        knock = (
            "import socket\n"
            "try:\n"
            f"    socket.socket(socket.AF_UNIX).connect({path!r})\n"
            "    print('connected')\n"
            "except OSError as error:\n"
            "    print(type(error).__name__)\n"
        )
        assert as_user(hub, ada, knock) == "connected"
        assert as_user(hub, ben, knock) == "PermissionError"
        answers = hub.homes / ada / "torchcamp" / "answers"
        assert "conv_output_size.py" in os.listdir(answers)
        look = f"import os\ntry: print(os.listdir({str(answers)!r}))\nexcept OSError as error: print(type(error).__name__)"
        assert as_user(hub, ben, look) == "PermissionError"
    print("", *figures, sep="\n")  # for docs/class-server.md


class Elsewhere(LocalServer):
    """Another server, on a page of which the browser still has its cookies for the hub."""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        request.wfile.write(b"<title>elsewhere</title>")


def test_a_page_elsewhere_gets_nothing_with_a_learners_cookies(browser: Browser, hub: Hub):
    """Jupyter takes the cookies that come with it; the course asks where it comes from."""
    ada = hub.names[0]
    _, page = log_in(browser, hub, ada)
    course = f"{hub.address}/user/{ada}/torchcamp/"
    page.goto(course)
    page.get_by_role("heading", name="The lessons").wait_for()
    elsewhere = Elsewhere()
    try:
        page.goto(elsewhere.address)
        page.evaluate("url => { location.href = url }", f"{course}?file=cnn.py")
        page.get_by_text("a page of another server led here").wait_for()
        page.get_by_role("link", name="Open the course").click()
        page.get_by_role("heading", name="The lessons").wait_for()

        page.goto(elsewhere.address)
        page.evaluate(
            "url => { document.body.innerHTML = `<form method=post action=${url}>`;"
            " document.forms[0].submit() }",
            f"{course}api/kernel/interrupt",
        )
        page.get_by_text("another page sent it").wait_for()

        page.goto(elsewhere.address)
        read = "url => fetch(url, { credentials: 'include' }).then(() => 'read', () => 'refused')"
        assert page.evaluate(read, f"{course}api/usage") == "refused"
        connect = (
            "url => new Promise(done => { const socket = new WebSocket(url);"
            " socket.onopen = () => done('open'); socket.onclose = () => done('closed'); })"
        )
        socket = course.replace("http:", "ws:") + "ws?session_id=s_elsewhere&file=cnn.py"
        assert page.evaluate(connect, socket) == "closed"
    finally:
        elsewhere.close()


def test_a_course_ends_with_its_jupyter_server(browser: Browser, hub: Hub):
    """Killed for want of memory, say: the next server finds the workspace free."""
    ben = hub.names[1]
    context, page = log_in(browser, hub, ben)
    page.goto(f"{hub.address}/user/{ben}/torchcamp/")
    page.get_by_role("heading", name="The lessons").wait_for()
    jupyter = hub.jupyter(ben)
    course = descendants(jupyter)
    assert course
    os.kill(jupyter, 9)
    wait_until_ended(course, 15)
    context.close()
