"""A worker is a new interpreter that replies in a file; what goes wrong with one is said in one line."""

import os
import subprocess
from pathlib import Path

import pytest

from torchcamp.base import workers
from torchcamp.base.errors import ReadError
from torchcamp.base.workers import read_reply, run_worker

LOOKS_AROUND = """
import json, os, pathlib, sys, tempfile
question, reply = sys.argv[1:]
print("what the user's code prints")
pathlib.Path(reply).write_text(json.dumps({
    "asked": pathlib.Path(question).read_text(), "stdin": sys.stdin.read(), "temporary": tempfile.gettempdir(),
    "bytecode": sys.dont_write_bytecode,
}))
"""


def ask(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str, *, limit: float = 60.0
) -> tuple[Path, subprocess.CompletedProcess[bytes]]:
    """Run `source` as a worker whose temporary folder is `folder`; where it replies, and how it ended."""
    (folder / "some_worker.py").write_text(source)
    (folder / "question").write_text("a question")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    reply = folder / "reply"
    ended = run_worker(
        "some_worker", folder / "question", reply, temporary=str(folder), limit=limit
    )
    return reply, ended


def test_a_worker_gets_its_files_and_folder_and_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    (tmp_path / "typed").write_text("what the user types")
    kept, typed = os.dup(0), os.open(tmp_path / "typed", os.O_RDONLY)
    os.dup2(typed, 0)
    try:
        reply, ended = ask(tmp_path, monkeypatch, LOOKS_AROUND)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(typed)
    assert ended.returncode == 0
    assert read_reply(reply, ended, task="looking around") == {
        "asked": "a question", "stdin": "", "temporary": str(tmp_path), "bytecode": True,
    }  # fmt: skip
    assert capfd.readouterr() == ("", "")


def test_the_last_words_of_one_that_died_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reply, ended = ask(tmp_path, monkeypatch, "print('no')\nraise SystemError('broken')")
    with pytest.raises(ReadError) as told:
        read_reply(reply, ended, task="reading net.py:Net")
    assert str(told.value) == (
        "the process reading net.py:Net ended with code 1: SystemError: broken"
    )
    reply, ended = ask(tmp_path, monkeypatch, "import os\nos._exit(9)")
    with pytest.raises(ReadError, match=r"^the process reading it ended with code 9$"):
        read_reply(reply, ended, task="reading it")


def test_an_error_that_it_replied_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = """import sys; open(sys.argv[2], "w").write('{"error": "no such class"}')"""
    reply, ended = ask(tmp_path, monkeypatch, source)
    with pytest.raises(ReadError, match=r"^no such class$"):
        read_reply(reply, ended, task="reading it")


def test_one_that_takes_too_long_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(subprocess.TimeoutExpired):
        ask(tmp_path, monkeypatch, "import time\ntime.sleep(100)", limit=0.5)


def test_the_reader_and_the_doctor_say_which_option_allows_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from torchcamp.doctor import process as doctor
    from torchcamp.reading import process as reader

    def too_slow(module: str, *_: Path, temporary: str, limit: float) -> None:
        raise subprocess.TimeoutExpired(module, limit)

    (tmp_path / "train.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(workers, "run_worker", too_slow)
    with pytest.raises(ReadError, match=r"^train.py:fit was not read within 7 s; use --limit to"):
        reader.read_target("train.py:fit", limit=7)
    with pytest.raises(ReadError, match=r"^train.py was .* not respond within 25 s; use --limit"):
        doctor.diagnose("train.py", limit=5)
