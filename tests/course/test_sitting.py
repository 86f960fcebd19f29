"""A sitting: how many kernels live, how a page comes back, who holds the workspace and the port."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import pytest
from marimo._session.events import SessionEventBus
from marimo._session.model import ConnectionState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.course.entering import Entered, enter, entered
from tests.course.test_server import get
from tests.processes import (
    descendants,
    kernels,
    linux_only,
    wait_until_ended,
)
from torchcamp.base.errors import Held, WorkspaceError
from torchcamp.base.lifeline import when_closed
from torchcamp.course.content import course
from torchcamp.course.judge.client import SOCKET, Judge
from torchcamp.course.server.launch import free_port, serve
from torchcamp.course.server.shared_judge import shared_judge
from torchcamp.course.server.sitting import Kernels
from torchcamp.course.workspace import hold, prepare_workspace, sign

NOTEBOOK = """\
import marimo

app = marimo.App()


@app.cell
def show():
    40 + 2
    return


if __name__ == "__main__":
    app.run()
"""


def small_workspace(folder: Path, names: str = "abc") -> Path:
    """A workspace with notebooks that load nothing, beside its lessons."""
    prepare_workspace(folder)
    for name in names:
        (folder / "lessons" / f"{name}.py").write_text(NOTEBOOK)
    return folder


# --- Which kernel ends -------------------------------------------------------------------


class Session:
    """As much of marimo's as `Kernels` knows; `kernels.sessions` shows who lives."""

    def __init__(self) -> None:
        self.bus = SessionEventBus()
        self.state = ConnectionState.OPEN

    def connection_state(self) -> ConnectionState:
        return self.state

    @contextlib.contextmanager
    def scoped(self, extension: Any) -> Iterator[None]:
        extension.on_attach(self, self.bus)
        yield
        extension.on_detach()

    def tells(self) -> None:
        self.bus.emit_notification_sent(cast(Any, self), cast(Any, b""))

    def is_asked(self) -> None:
        self.bus.emit_received_command(cast(Any, self), cast(Any, None), None)


class Sitting:
    """Kernels of sessions that are not there, and a clock that is set by hand."""

    def __init__(self, most: int) -> None:
        self.now = 0.0
        self.sessions: dict[str, Session] = {}
        self.event_bus = SessionEventBus()
        self.kernels = Kernels(cast(Any, self), most, closed_seconds=300, clock=lambda: self.now)

    def open(self, name: str) -> Session:
        self.now += 1
        self.sessions[name] = Session()
        at_once(self.event_bus.emit_session_created(cast(Any, self.sessions[name])))
        return self.sessions[name]

    def close_session(self, name: str) -> None:
        session = self.sessions.pop(name)
        at_once(self.event_bus.emit_session_closed(cast(Any, session)))

    def after(self, seconds: float) -> list[str]:
        self.now += seconds
        self.kernels.look()
        return list(self.sessions)


def at_once(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing, where there may be a loop already."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


@pytest.fixture
def sitting() -> Sitting:
    return Sitting(most=2)


def test_opening_a_third_ends_the_one_opened_first(sitting: Sitting):
    for name in "abc":
        sitting.open(name)
    assert list(sitting.sessions) == ["b", "c"]
    assert len(sitting.kernels.used) == len(sitting.kernels.attached) == 2


@pytest.mark.parametrize("use", [Session.tells, Session.is_asked])
def test_one_that_trains_or_is_clicked_in_is_not_the_first_to_end(sitting: Sitting, use: Any):
    a = sitting.open("a")
    sitting.open("b")
    sitting.now += 1
    use(a)
    sitting.open("c")
    assert list(sitting.sessions) == ["a", "c"]


def test_one_whose_page_is_closed_ends_before_one_with_a_page(sitting: Sitting):
    sitting.open("a")
    sitting.open("b").state = ConnectionState.ORPHANED
    sitting.open("c")
    assert list(sitting.sessions) == ["a", "c"]


def test_a_kernel_ends_some_minutes_after_its_page(sitting: Sitting):
    a = sitting.open("a")
    sitting.open("b")
    assert sitting.after(1000) == ["a", "b"]  # a page that nobody touches keeps its kernel
    a.state = ConnectionState.ORPHANED
    assert sitting.after(10) == ["a", "b"]
    assert sitting.after(290) == ["a", "b"]
    assert sitting.after(10) == ["b"]


def test_a_page_that_comes_back_keeps_its_kernel(sitting: Sitting):
    a = sitting.open("a")
    a.state = ConnectionState.ORPHANED
    sitting.after(10)
    a.state = ConnectionState.OPEN
    sitting.after(280)
    a.state = ConnectionState.ORPHANED
    assert sitting.after(20) == ["a"]


def test_what_is_left_of_a_kernel_is_collected(sitting: Sitting, monkeypatch: pytest.MonkeyPatch):
    collected: list[bool] = []
    monkeypatch.setattr("gc.collect", lambda: collected.append(True))
    sitting.open("a")
    sitting.after(10)
    assert collected == []
    sitting.close_session("a")
    for _ in range(5):
        sitting.after(10)
    assert len(collected) == 2


def test_one_that_still_trains_is_not_ended_with_its_page(sitting: Sitting):
    a = sitting.open("a")
    a.state = ConnectionState.ORPHANED
    sitting.after(10)
    for _ in range(10):
        sitting.now += 60
        a.tells()
        assert sitting.after(0) == ["a"]
    assert sitting.after(310) == []


# --- With marimo -------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def page(reader: Entered, name: str) -> AsyncIterator[ClientConnection]:
    """The socket of a page that shows a notebook, once its kernel is ready."""
    address = urlsplit(reader.home)
    async with connect(
        f"ws://{address.netloc}{address.path}ws?session_id=s_{name}&file={name}.py",
        additional_headers={"Cookie": reader.cookie},
        origin=Origin(f"http://{address.netloc}"),
        max_size=None,
    ) as socket:
        await message(socket, "kernel-ready")
        yield socket


async def message(socket: ClientConnection, op: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        async for text in socket:
            told = json.loads(text)
            if told["op"] == op:
                return told["data"]
    raise AssertionError(f"the socket closed before {op}")


async def ended(socket: ClientConnection) -> str:
    """Why a socket is closed, once it is."""
    async with asyncio.timeout(60):
        async for _ in socket:
            pass
    return socket.close_reason or ""


async def until(holds: Any) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.02)


@linux_only
def test_a_kernel_ends_for_another_and_its_page_is_told(tmp_path: Path):
    """The reason with which the socket closes is what `sitting.js` knows it by."""

    async def sit(reader: Entered, server: int) -> None:
        async with page(reader, "a") as a:
            (first,) = kernels(server)
            async with page(reader, "b") as b:
                assert await ended(a) == "MARIMO_SHUTDOWN"
                await until(lambda: first not in kernels(server))
                async with page(reader, "a"):  # used again: it connects anew
                    assert await ended(b) == "MARIMO_SHUTDOWN"
                    await until(lambda: len(kernels(server)) == 1)

    with serve(small_workspace(tmp_path), free_port(), kernels=1) as server:
        asyncio.run(sit(enter(server.new_address()), server.process.pid))
        started = descendants(server.process.pid)
    wait_until_ended(started, 10)


def test_a_lessons_page_loads_our_script_first(tmp_path: Path):
    with serve(small_workspace(tmp_path), free_port()) as server:
        cookie = entered(server)
        _, text, _ = get(f"{server.home}?file=a.py", Cookie=cookie)
        [source] = re.findall('^<!DOCTYPE html>.*?<script src="([^"]*)">', text, re.S | re.I)
        assert text.rstrip().endswith("</html>")
        address = urljoin(server.home, source)
        status, script, _ = get(address, Cookie=cookie)
        assert (status, "MARIMO_SHUTDOWN" in script) == (200, True)
        assert "MARIMO_SHUTDOWN" not in get(address)[1]


# --- The judge that is shared ------------------------------------------------------------


def test_lessons_share_one_judge_that_begins_when_asked(monkeypatch: pytest.MonkeyPatch):
    exercise = course().find("conv_output_size")
    stop = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"

    async def sit() -> None:
        async with shared_judge() as folder:
            assert folder is not None
            assert folder.stat().st_mode & 0o077 == 0
            judges = [Judge(shared=os.environ[SOCKET]) for _ in range(2)]
            assert not workers()  # none of ours, though a fixture of another file may keep one
            verdicts = await asyncio.gather(
                *(asyncio.to_thread(j.verdict_of, exercise, exercise.solution, "x") for j in judges)
            )
            assert [each.verdict for each in verdicts] == ["pass", "pass"]
            (worker,) = workers()
            # An answer that kills it is told so, and the next check begins another.
            killed = await asyncio.to_thread(judges[0].verdict_of, exercise, stop, "x")
            assert "took the judge down" in killed.message
            judges[1].warm()
            await until(lambda: workers() and workers() != [worker])
        assert not workers()
        assert not folder.exists()
        assert SOCKET not in os.environ

    def all_workers() -> set[int]:
        from tests.processes import command

        return {pid for pid in descendants(os.getpid()) if "judge.worker" in command(pid)}

    def workers() -> list[int]:
        return sorted(all_workers() - before)

    before = all_workers()
    asyncio.run(sit())


def test_a_judge_that_cannot_begin_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    exercise = course().find("conv_output_size")

    async def sit() -> str:
        async with shared_judge():
            judge = Judge(shared=os.environ[SOCKET])
            verdict = await asyncio.to_thread(judge.verdict_of, exercise, "x = 1", "x")
            return verdict.message

    assert "took the judge down" in asyncio.run(sit())


def test_without_a_place_for_a_socket_each_kernel_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))

    async def sit() -> None:
        async with shared_judge() as folder:
            assert folder is None
            assert SOCKET not in os.environ

    asyncio.run(sit())
    assert not list(deep.iterdir())


def test_a_judge_whose_server_has_gone_is_replaced_by_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    class Begun(Exception):
        pass

    def begin(command: list[str], **options: Any) -> None:
        assert "torchcamp.course.judge.worker" in command
        raise Begun

    monkeypatch.setattr(subprocess, "Popen", begin)
    with pytest.raises(Begun), Judge(shared=str(tmp_path / "gone")) as judge:
        judge.warm()


# --- Who ends with whom ------------------------------------------------------------------


def test_a_pipe_tells_of_its_writers_end():
    theirs, ours = os.pipe()
    told: list[bool] = []
    when_closed(theirs, lambda: told.append(True))
    os.write(ours, b"still here")
    time.sleep(0.1)
    assert not told
    os.close(ours)
    deadline = time.monotonic() + 10
    while not told:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.close(theirs)


@linux_only
@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_child_dies_with_its_parent(platform: str, tmp_path: Path):
    """Also where only polling can tell."""
    child = (
        "import os, sys, time; sys.platform = sys.argv[1]\n"
        "from torchcamp.base.lifeline import die_with_parent\n"
        "die_with_parent(os.getppid()); print('ready', flush=True); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', *sys.argv[1:]]); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent, child, platform], stdout=subprocess.PIPE
    )
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == b"ready\n"
        started = descendants(process.pid)
        assert len(started) == 1
        process.kill()
        process.wait()
        wait_until_ended(started, 10)


@linux_only
def test_one_born_after_its_parents_end_dies_too():
    process = subprocess.Popen(
        [sys.executable, "-c", "from torchcamp.base.lifeline import *; die_with_parent(1 << 22)"]
    )
    assert process.wait(timeout=20) == -signal.SIGKILL


# --- The workspace's lock, and the port --------------------------------------------------


def test_a_second_start_is_told_where_the_course_is(tmp_path: Path):
    prepare_workspace(tmp_path)
    with hold(tmp_path) as lock:
        sign(lock, "http://127.0.0.1:2718")
        told = rf"already open .* at http://127.0.0.1:2718 \(process {os.getpid()}\)"
        with pytest.raises(Held, match=told), serve(tmp_path):
            pass


def test_the_lock_of_one_that_has_just_ended_is_waited_for(tmp_path: Path):
    """Killed, `start` leaves the lock to its server for a moment."""
    prepare_workspace(tmp_path)
    holder = (
        "import sys, time, pathlib; from torchcamp.course.workspace import hold, sign\n"
        "with hold(pathlib.Path(sys.argv[1])) as lock:\n"
        '    lock.write(\'{"address": "x", "process": 4194304}\'); lock.flush()\n'
        "    print('held', flush=True); time.sleep(float(sys.argv[2]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path), "0.5"], stdout=subprocess.PIPE
    )
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(Held, match="already open"), hold(tmp_path):
            pass
        with hold(tmp_path, wait=10):
            pass
        process.wait()


def test_whoever_inherits_the_lock_holds_it(tmp_path: Path):
    prepare_workspace(tmp_path)
    with hold(tmp_path) as lock:
        process = subprocess.Popen(["sleep", "60"], pass_fds=[lock.fileno()])
    with pytest.raises(Held), hold(tmp_path):
        pass
    process.kill()
    process.wait()
    with hold(tmp_path):
        pass


@linux_only
def test_the_server_holds_the_workspace_too(tmp_path: Path):
    folder = small_workspace(tmp_path)
    port = free_port()
    with serve(folder, port) as server:
        signed = json.loads((folder / ".torchcamp" / "lessons.lock").read_text())
        assert signed == {"address": f"http://127.0.0.1:{port}", "process": os.getpid()}
        opened = {
            os.path.realpath(f"/proc/{server.process.pid}/fd/{each}")
            for each in os.listdir(f"/proc/{server.process.pid}/fd")
        }
        assert str(folder / ".torchcamp" / "lessons.lock") in opened
        # Neither the path of this start nor the cookie is in a file of the workspace.
        secrets = (urlsplit(server.home).path.strip("/"), entered(server).partition("=")[2])
        texts = [p.read_bytes() for p in (folder / ".torchcamp").rglob("*") if p.is_file()]
        assert not any(secret.encode() in text for text in texts for secret in secrets)


def test_a_port_that_is_not_allowed_is_said(monkeypatch: pytest.MonkeyPatch):
    import socket

    def refuse(*args: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(
        socket,
        "socket",
        lambda: contextlib.nullcontext(SimpleNamespace(bind=refuse, setsockopt=lambda *a: None)),
    )
    with pytest.raises(WorkspaceError, match="port 80 is not allowed; choose another with --port"):
        free_port(80)
