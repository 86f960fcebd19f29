"""Pipes, devices, sockets and loops of links wherever a file may be named: refused in one sentence.

A named pipe is waited for without end, and /dev/zero fills the memory. Here it is never opened to be
written: it is only the target of links.
"""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from tests.cli.program import one_line, torchcamp
from tests.cli.test_own_content import write_files
from tests.data.test_layout import fill
from torchcamp.course.content import read_course, read_lessons

SECONDS = 20
REASONS = {
    "pipe": "is a named pipe",
    "zero": "is a device",
    "socket": "is a socket",
    "loop": "symbolic links",
    "folder": "is a folder",
    "latin": "is not UTF-8 text",
}
UNREADABLE = tuple(REASONS)[:4]  # as what they are, whatever is in them


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    def alarm(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, alarm)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def put(kind: str, path: Path) -> Path:
    """Something else where a file is expected, and nothing else of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "zero":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket must be short
        try:
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(path.name)
        finally:
            os.chdir(here)
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "latin":
        path.write_bytes(b"# caf\xe9\n")
    else:
        path.mkdir()
    return path


COMMANDS = {
    "text": ("x.txt", ["train", "rnn", "--data", "text:x.txt"]),
    "sequences": ("x.csv", ["train", "hmm", "--data", "sequences:x.csv"]),
    "array": ("x.npz", ["train", "mlp", "--data", "array:x.npz"]),
    "archive": ("x.zip", ["train", "mlp", "--data", "folder:x.zip"]),
    "packed archive": ("x.tar.gz", ["train", "mlp", "--data", "folder:x.tar.gz"]),
    "predict": ("x.png", ["predict", "mlp", "x.png"]),
    "predict a list": ("x.zip", ["predict", "mlp", "x.zip"]),
    "from": ("x.safetensors", ["train", "mlp", "--data", "digits", "--from", "x.safetensors"]),
    "from a state dict": ("x.pt", ["train", "mlp", "--data", "digits", "--from", "x.pt"]),
    "recipe": ("x.py", ["train", "x.py:recipe"]),
    "read": ("x.py", ["read", "x.py:Net"]),
    "read a notebook": ("x.ipynb", ["read", "x.ipynb:Net"]),
    "doctor": ("x.py", ["doctor", "x.py"]),
    "decode": ("x.txt", ["decode", "hmm", "x.txt"]),
    "check": ("x.py", ["check", "softmax", "--file", "x.py"]),
    "grade": ("x.zip", ["grade", "x.zip"]),
    "content": ("x.zip", ["practice", "--content", "x.zip"]),
    "run": ("runs/x/run.json", ["runs", "x"]),
}


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("no_mnist")
def test_what_is_named_is_not_opened(tmp_path: Path, name: str, kind: str):
    file, args = COMMANDS[name]
    put(kind, tmp_path / file)
    result = torchcamp(*args, cwd=tmp_path)
    assert result.returncode == 2, result.stdout
    assert Path(file).stem in one_line(result)


@pytest.mark.parametrize("kind", REASONS)
def test_files_of_ones_own_content(tmp_path: Path, kind: str):
    vision = write_files(tmp_path)
    stretch = "lessons/contrast/stretch"
    for file in ("misconceptions.md", "solution.py", "exercise.toml"):
        put(kind, vision / stretch / file)
        read_course.cache_clear()
        said = one_line(torchcamp("dev", "show", "stretch", "--content", "vision", cwd=tmp_path))
        assert file in said
        assert REASONS[kind] in said
    put(kind, vision / "course.toml")
    read_course.cache_clear()
    read_lessons.cache_clear()
    said = one_line(torchcamp("dev", "show", "stretch", "--content", "vision", cwd=tmp_path))
    assert "course.toml" in said


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize("file", ["progress.json", "settings.json", "progress.lock"])
def test_files_of_a_workspace(tmp_path: Path, file: str, kind: str):
    """What is damaged is named; what can be shown without it is shown."""
    put(kind, tmp_path / ".torchcamp" / file)
    for args in (["practice", "--list"], ["hint", "softmax"]):
        result = torchcamp(*args, cwd=tmp_path)
        assert result.returncode in (0, 2)
        if result.returncode == 2:
            assert file in one_line(result)
    if kind == "pipe":
        assert "is a named pipe" in result.stderr


@pytest.mark.parametrize("kind", ["pipe", "zero", "socket", "folder", "latin"])
def test_an_answer_that_is_no_file(tmp_path: Path, kind: str):
    """The others are listed all the same, and `reset` makes it the starter again where it can."""
    (tmp_path / ".torchcamp").mkdir()
    put(kind, tmp_path / "answers" / "softmax.py")
    listed = torchcamp("practice", "--list", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    checked = torchcamp("check", "softmax", cwd=tmp_path)
    if kind == "latin":
        assert "not UTF-8 text" in checked.stdout
        again = torchcamp("reset", "softmax", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        (kept,) = (tmp_path / ".torchcamp" / "backups").iterdir()
        assert kept.read_bytes() == b"# caf\xe9\n"
        return
    assert checked.returncode == 2
    assert "softmax.py" in one_line(checked)
    assert "softmax.py" in one_line(torchcamp("reset", "softmax", cwd=tmp_path))


@pytest.mark.usefixtures("no_mnist")
def test_among_pictures_they_are_passed_over(tmp_path: Path):
    """Nothing that waits or has no end is opened; the pictures beside them are read."""
    fill(tmp_path / "set" / "a", 3)
    for kind in UNREADABLE:
        put(kind, tmp_path / "set" / "a" / f"{kind}.png")
    put("pipe", tmp_path / "set" / "labels.csv")
    result = torchcamp("data", "show", "folder:set", "-o", "sheet.png", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
