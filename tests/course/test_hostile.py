"""Hostile answers get their own verdict, change nobody else's, and touch and leave nothing.

A few are tried in the ordinary tests; all of them by `make test-faults`.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.course.hostile import ALL, TODO, Hostile
from torchcamp.course.content import Exercise, course
from torchcamp.course.judge import client, worker
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.isolation import LIMITS, NAMESPACES, protection

MARK = f"PYTHON_TORCHCAMP_TEST={os.getpid()}"  # in the environment of the judge and what it forks
OTHERS = {"answer.py": "stolen = 1\n", "progress.json": "{}"}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    if protection() is LIMITS:
        pytest.skip("this machine allows neither namespaces nor bubblewrap")
    name, _, value = MARK.partition("=")
    os.environ |= {name: value, "SECRET": "token"}
    with Judge(isolated=True) as judge:
        judge.warm()
        yield judge
    del os.environ[name], os.environ["SECRET"]


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return course().find("batch_loss")


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "GRACE", 5.0)


def marked() -> set[int]:
    """The judge's processes that are still there, except the one that waits for requests."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if MARK.encode() in path.read_bytes():
                found.add(int(path.parent.name))
        except OSError:  # it has ended, or may not be looked into
            continue
    return found


def tried(
    judge: Judge, exercise: Exercise, hostile: Hostile, tmp_path: Path, server: socket.socket
) -> None:
    for name, text in OTHERS.items():
        (tmp_path / name).write_text(text)
    home = os.readlink("/proc/self/ns/pid")
    source = hostile.text(outside=str(tmp_path), port=server.getsockname()[1], home=home)
    patient = replace(exercise, seconds=hostile.seconds)
    verdict = judge.verdict_of(patient, source, "answer.py")
    assert verdict.verdict in hostile.verdict, verdict
    if not (hostile.forges and verdict.verdict != "pass"):
        assert hostile.words in verdict.message, verdict
    assert verdict.confirmed is (False if verdict.passed else None)
    assert len(verdict.message) < 10_000
    assert "\x1b" not in verdict.message

    end = time.monotonic() + 5
    while judge._process is not None and not marked() <= {judge._process.pid}:
        assert time.monotonic() < end, "a process was left"
        time.sleep(0.02)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == OTHERS
    with pytest.raises(BlockingIOError):
        server.accept()
    right = judge.verdict_of(exercise, exercise.solution, "right.py")
    assert (right.verdict, right.confirmed) == ("pass", True)
    assert judge.verdict_of(exercise, TODO, "wrong.py").verdict == "fail"


@pytest.mark.parametrize("hostile", [each for each in ALL if each.quick], ids=lambda h: h.name)
def test_a_hostile_answer(
    judge: Judge, exercise: Exercise, hostile: Hostile, tmp_path: Path, server: socket.socket
):
    tried(judge, exercise, hostile, tmp_path, server)


@pytest.mark.fault
@pytest.mark.parametrize("hostile", [each for each in ALL if not each.quick], ids=lambda h: h.name)
def test_every_hostile_answer(
    judge: Judge, exercise: Exercise, hostile: Hostile, tmp_path: Path, server: socket.socket
):
    tried(judge, exercise, hostile, tmp_path, server)


def test_there_are_many_and_each_has_a_name_of_its_own():
    assert len({each.name for each in ALL}) == len(ALL) >= 70


def test_only_a_draw_that_tells_something_confirms(judge: Judge):
    """Of predictions the same is observed each time: whoever knows it can forge it."""
    exercise = course().find("read_shapes")
    right = judge.verdict_of(exercise, exercise.solution, "right.py")
    assert (right.verdict, right.confirmed) == ("pass", None)
    assert "confirmed" not in right.as_json()


# --- without isolation: an answer spoils nothing but itself ----------------------------------------


@pytest.fixture(scope="module")
def plain() -> Iterator[Judge]:
    with Judge() as judge:
        judge.warm()
        yield judge


def tried_without_isolation(judge: Judge, exercise: Exercise, hostile: Hostile) -> None:
    assert hostile.contained
    source = hostile.text(outside="", port=0, home="")
    started = time.monotonic()
    assert not judge.verdict_of(replace(exercise, seconds=2), source, "answer.py").passed
    assert time.monotonic() - started < 30
    assert judge.verdict_of(exercise, TODO, "wrong.py").verdict == "fail"
    assert judge.verdict_of(exercise, exercise.solution, "right.py").verdict == "pass"


CONTAINED = [each for each in ALL if each.contained and not each.forges]


@pytest.mark.parametrize("hostile", [e for e in CONTAINED if e.quick], ids=lambda h: h.name)
def test_also_without_isolation_others_keep_their_verdicts(
    plain: Judge, exercise: Exercise, hostile: Hostile, monkeypatch: pytest.MonkeyPatch
):
    """A stray line once gave an untouched starter the "pass" of the answer before; a stopped worker hung."""
    monkeypatch.setattr(client, "GRACE", 1.0)
    tried_without_isolation(plain, exercise, hostile)


@pytest.mark.fault
@pytest.mark.parametrize("hostile", [e for e in CONTAINED if not e.quick], ids=lambda h: h.name)
def test_also_without_isolation_all_that_are_contained(
    plain: Judge, exercise: Exercise, hostile: Hostile
):
    tried_without_isolation(plain, exercise, hostile)


def test_what_an_answer_started_ends_with_it_also_without_isolation(
    plain: Judge, exercise: Exercise, tmp_path: Path
):
    if not Path("/proc/self/task").exists():
        pytest.skip("only Linux tells whose child a process is")
    source = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    os._exit(0)
while not os.path.exists({str(tmp_path / "pid")!r}):
    time.sleep(0.01)
"""
    assert plain.verdict_of(exercise, source + TODO, "answer.py").verdict == "fail"
    end = time.monotonic() + 10
    while Path(f"/proc/{(tmp_path / 'pid').read_text() or 0}/fd").exists():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_namespaces_are_taken_where_the_machine_has_them():
    """Otherwise a mistake in making them would only show as tests that are skipped."""
    program = shutil.which("unshare")
    namespaces = ["--user", "--pid", "--fork", "--mount", "--mount-proc", "--net"]
    if program is None or subprocess.run([program, *namespaces, "true"], check=False).returncode:
        pytest.skip("this machine allows no namespaces")
    assert protection() is NAMESPACES


def test_the_protection_is_told(monkeypatch: pytest.MonkeyPatch):
    assert Judge().protection is LIMITS
    assert Judge(isolated=True).protection is protection()
    for each in (LIMITS, NAMESPACES):
        assert all(sentence.endswith(".") for sentence in each.not_protected)
    monkeypatch.setattr(client.isolation, "protection", lambda: LIMITS)
    assert Judge(isolated=True).protection is LIMITS


# --- what comes over the channel ---------------------------------------------------------------------


def test_what_a_worker_may_send():
    assert sent(b"") is None  # it did not even begin
    assert sent(b"+", b'{"id": "x", ', b'"passed": true}') == {"id": "x", "passed": True}
    for garbage in (
        b"+",
        b'+{"passed"',
        b"+not even JSON\n",
        b"+[1]",
        b"+" + b"[" * 100_000,
        b"x\n+{}",
    ):
        with pytest.raises(client._Lost):
            sent(garbage)


def sent(*parts: bytes) -> object:
    """What the client makes of what a worker sends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for part in parts:
            theirs.sendall(part)
        theirs.shutdown(socket.SHUT_WR)
        return client._exchange(ours, b"{}", begin=5, answer=5)


@pytest.mark.parametrize(("said", "late"), [(b"", False), (b"+", True), (b'+{"id"', True)])
def test_a_worker_that_says_no_more_is_not_waited_for(said: bytes, late: bool):
    ours, theirs = socket.socketpair()
    started = time.monotonic()
    with ours, theirs:
        theirs.sendall(said)
        if late:
            with pytest.raises(client._Late):
                client._exchange(ours, b"{}", begin=0.1, answer=0.2)
        else:
            assert client._exchange(ours, b"{}", begin=0.1, answer=60) is None
    assert time.monotonic() - started < 5


def test_an_answer_to_another_question_is_not_taken(
    plain: Judge, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []

    def exchange(*args: object, **options: object) -> dict[str, object]:
        asked.append(1)
        return {"id": "of the one before", "passed": True}

    plain.warm()
    before = plain._process
    monkeypatch.setattr(client, "_exchange", exchange)
    assert not plain.verdict_of(exercise, TODO, "answer.py").passed
    monkeypatch.undo()
    assert asked == [1, 1], "a broken worker is replaced and asked once more"
    assert before is not None
    assert before.poll() is not None, "the worker lives on"
    assert plain.verdict_of(exercise, exercise.solution, "answer.py").passed


def test_nothing_is_emptied_outside_of_a_sandbox(monkeypatch: pytest.MonkeyPatch):
    """A worker that is told by mistake that it is in bubblewrap must not end the user's programs."""
    killed: list[object] = []
    monkeypatch.setattr(worker.os, "kill", lambda *args: killed.append(args))
    monkeypatch.setattr(worker.Path, "iterdir", lambda path: killed.append(path) or iter(()))
    with pytest.raises(RuntimeError, match="in bubblewrap, and is not"):
        worker._empty_the_sandbox()
    assert not killed


def test_bubblewrap_is_taken_where_only_it_may_make_namespaces(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
):
    protection.cache_clear()
    monkeypatch.setattr(client.isolation, "_works", lambda command: command[0] == "bwrap")
    monkeypatch.setattr(client.isolation.shutil, "which", lambda name: f"/usr/bin/{name}")
    try:
        assert Judge(isolated=True).protection.name == "bubblewrap"
        monkeypatch.setattr(client.isolation.shutil, "which", lambda name: None)
        protection.cache_clear()
        assert Judge(isolated=True).protection is LIMITS
    finally:
        protection.cache_clear()
    command = client.isolation.bubblewrap(
        ["python"], [Path("/x/script.py")], client.isolation.hidden_folders()
    )
    assert command[-1] == "python"
    shown = [command[i + 1] for i, word in enumerate(command) if word == "--ro-bind"]
    assert not [path for path in shown if path.startswith(("/home", "/var", "/etc/shadow"))]
    lessons = str(exercise.folder.parents[1])
    assert command[command.index(lessons) - 1] == "--tmpfs", "our solutions can be read"


def test_lessons_of_ones_own_are_hidden_where_they_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A package of content lies among the packages that answers may read, perhaps behind a link."""
    lessons = tmp_path / "packages" / "vision_week" / "lessons"
    lessons.mkdir(parents=True)
    (tmp_path / "site").symlink_to(tmp_path / "packages")
    elsewhere = tmp_path / "elsewhere" / "lessons"
    elsewhere.mkdir(parents=True)
    seen = (str(tmp_path / "site"), *client.isolation.visible_paths())
    monkeypatch.setattr(client.isolation, "visible_paths", lambda: seen)
    ours = client.isolation.hidden_folders()
    hidden = client.isolation.hidden_folders((str(lessons), str(elsewhere)))
    assert set(hidden) - set(ours) == {str(tmp_path / "site" / "vision_week" / "lessons")}
