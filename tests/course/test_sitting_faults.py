"""Everything that a `torchcamp start` started ends with it, however it ends."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import hears_ctrl_c
from tests.course.entering import Entered, enter
from tests.course.test_sitting import page, small_workspace, until
from tests.processes import (
    command,
    descendants,
    kernels,
    linux_only,
    num_handles,
    wait_until_ended,
)
from torchcamp.course.content import course
from torchcamp.course.judge.client import Judge
from torchcamp.course.server.launch import free_port, serve
from torchcamp.course.workspace import hold

pytestmark = [pytest.mark.fault, linux_only]
EXERCISE = course().find("conv_output_size")


@pytest.mark.parametrize(
    "end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda end: end.name
)
def test_all_ends_with_start(tmp_path: Path, end: signal.Signals):
    """Server, kernel, judge, the check it runs; the port, the lock and the socket's folder."""
    folder = small_workspace(tmp_path / "camp")
    # A socket's path must be short, and that of a test's folder may not be.
    with tempfile.TemporaryDirectory() as temporary:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "torchcamp", "start", "--no-browser", "--port", str(port)],
            cwd=folder,
            env=os.environ | {"TMPDIR": temporary},
            preexec_fn=hears_ctrl_c,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        with process.stdout:
            address = [process.stdout.readline() for _ in range(2)][1].split()[1]
            (judge,) = Path(temporary).glob("torchcamp-*/judge")
            started = asyncio.run(busy(enter(address), process.pid, judge))
            process.send_signal(end)
            process.wait(timeout=20)
        wait_until_ended(started, 15)
        left = [list(p.rglob("*")) for p in Path(temporary).glob("torchcamp-*")]
        assert not left
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    with hold(folder):
        pass


def test_kernel_and_judge_end_with_a_server_that_is_killed_and_start_says_so(tmp_path: Path):
    folder = small_workspace(tmp_path / "camp")
    with tempfile.TemporaryDirectory() as temporary:
        process = subprocess.Popen(
            [sys.executable, "-m", "torchcamp", "start", "--no-browser"],
            cwd=folder,
            env=os.environ | {"TMPDIR": temporary},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        address = [process.stdout.readline() for _ in range(2)][1].split()[1]
        (judge,) = Path(temporary).glob("torchcamp-*/judge")
        started = asyncio.run(busy(enter(address), process.pid, judge))
        (server,) = (pid for pid in started if "marimo" in command(pid).split())
        os.kill(server, signal.SIGKILL)
        _, said = process.communicate(timeout=20)
    wait_until_ended(started, 15)
    assert process.returncode == 2
    assert said.count("\n") == 1
    assert "start it again with: torchcamp start" in said


async def busy(reader: Entered, start: int, judge: Path) -> dict[int, str]:
    """The processes of `start` while a page is open and a check runs, which sleeps."""

    def judging() -> list[int]:
        return [pid for pid in descendants(start) if "judge.worker" in command(pid)]

    answer = "import time\ntime.sleep(3600)\n"
    asked = Judge(shared=str(judge)).verdict_of, replace(EXERCISE, seconds=60), answer, "x"
    threading.Thread(target=asked[0], args=asked[1:], daemon=True).start()
    async with page(reader, "a"):
        await until(lambda: len(judging()) == 2)  # the judge, and the fork that sleeps
        assert len(kernels(start)) == 1
        return descendants(start)


def test_many_kernels_leave_no_handle_and_no_process(tmp_path: Path):
    """marimo leaves a kernel's pipes to the collector, which the server calls."""

    async def sit(reader: Entered, server: int) -> list[int]:
        handles = []
        for name in "abcabc":
            async with page(reader, name):
                await until(lambda: len(kernels(server)) == 1)
                handles.append(num_handles(server))
        await until(lambda: num_handles(server) <= handles[0] + 1)
        return handles

    with serve(small_workspace(tmp_path), free_port(), kernels=1) as server:
        handles = asyncio.run(sit(enter(server.new_address()), server.process.pid))
        assert len(handles) == 6
        started = descendants(server.process.pid)
        assert len(kernels(server.process.pid)) == 1
    wait_until_ended(started, 15)


def test_a_server_that_cannot_end_in_order_ends_all_the_same(tmp_path: Path):
    """Stopped while `start` was killed, it gets to know when it goes on."""
    folder = small_workspace(tmp_path)
    holder = (
        "import sys, time; from pathlib import Path\n"
        "from torchcamp.course.server.launch import serve\n"
        "with serve(Path(sys.argv[1])) as server:\n"
        "    print(server.process.pid, flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    with process.stdout:
        server = int(process.stdout.readline())
        started = descendants(process.pid)
        assert server in started
        os.kill(server, signal.SIGSTOP)
        process.kill()
        process.wait()
        os.kill(server, signal.SIGCONT)
    wait_until_ended(started, 15)
