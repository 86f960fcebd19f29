"""Code that lies in a run's folder: one's own runs, a stranger's, and one that was changed."""

import importlib.util
import os
import pty
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import torchcamp as api
from tests.cli.program import one_line, torchcamp
from torchcamp.base.errors import RunError
from torchcamp.recipes import trust
from torchcamp.recipes.train import Request, resume, train

MINE = """
import marks
from torchcamp.recipes.mlp import default
from dataclasses import replace

def mine():
    marks.leave()
    return replace(default(), epochs=1)
"""
MARKS = """
import os
from pathlib import Path

def leave():
    Path(os.environ["MARKS"]).write_text("ran")
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a recipe of one's own, with a neighbour that it imports."""
    folder = tmp_path_factory.mktemp("code")
    (folder / "mine.py").write_text(MINE)
    (folder / "marks.py").write_text(MARKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARKS", str(folder / "marks"))
        request = Request(f"{folder / 'mine.py'}:mine", data="digits", out=folder / "runs")
        return train(request).run


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that the code of the run writes whenever it is run."""
    monkeypatch.setenv("MARKS", str(tmp_path / "marks"))
    return tmp_path / "marks"


@pytest.fixture
def own_run(trained: Path, tmp_path: Path, marks: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "runs" / trained.name)


@pytest.fixture
def stranger(own_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The same run on a machine that has not trained it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(trust, "_here", set())
    return own_run


def commands(run: Path, picture: Path) -> Iterator[tuple[str, ...]]:
    yield "evaluate", str(run)
    yield "sample", str(run)
    yield "compare", str(run), "-o", "page.html"
    yield "export", str(run), "-o", "model.safetensors"
    yield "predict", str(run), str(picture)
    yield "decode", str(run), "-"
    yield "train", "--resume", str(run)
    yield "train", "--from", str(run), "--epochs", "1"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    from PIL import Image

    Image.new("L", (28, 28)).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


def test_ones_own_run_is_never_asked_about(
    own_run: Path, picture: Path, tmp_path: Path, marks: Path
):
    """Nor where it is moved, copied, or read in a later process."""
    moved = shutil.copytree(own_run, tmp_path / "elsewhere")
    for args in commands(own_run, picture):
        result = torchcamp(*args, cwd=tmp_path)
        assert "--trust" not in result.stderr, args
        assert "with your rights" not in result.stderr
    assert marks.read_text()
    trust._here.clear()  # as in a later process
    assert trust.is_trusted(moved / "source")
    assert resume(own_run).already


def test_a_strangers_code_is_not_run_and_one_line_says_why(
    stranger: Path, picture: Path, tmp_path: Path, marks: Path
):
    for args in commands(stranger, picture):
        result = torchcamp(*args, cwd=tmp_path)
        assert result.returncode == 2, args
        line = one_line(result)
        assert "add --trust" in line
        assert str(stranger / "source") in line
    assert not marks.exists()
    assert torchcamp("runs", str(stranger), cwd=tmp_path).returncode == 0  # it runs nothing
    for call in (lambda: api.load(str(stranger)), lambda: resume(stranger)):
        with pytest.raises(RunError, match="trust=True"):
            call()
    assert not marks.exists()


def test_trust_is_given_once_and_holds_for_what_was_seen(
    stranger: Path, tmp_path: Path, marks: Path
):
    first = torchcamp("evaluate", str(stranger), "--trust", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    trust._here.clear()
    assert torchcamp("evaluate", str(stranger), cwd=tmp_path).returncode == 0
    remembered = tmp_path / "state" / "torchcamp" / "trusted-sources"
    assert (remembered.stat().st_mode & 0o777, remembered.parent.stat().st_mode & 0o777) == (
        0o600,
        0o700,
    )
    marks.unlink()
    (stranger / "source" / "marks.py").write_text("raise SystemExit('changed')\n")
    assert "add --trust" in torchcamp("evaluate", str(stranger), cwd=tmp_path).stderr
    assert not marks.exists()


@pytest.mark.parametrize(
    "command",
    [
        "evaluate",
        "sample",
        "compare",
        "export",
        "predict",
        "decode",
        "train --resume",
        "train --from",
    ],
)
def test_every_command_that_runs_it_takes_trust(
    stranger: Path, picture: Path, tmp_path: Path, marks: Path, command: str
):
    [args] = [each for each in commands(stranger, picture) if " ".join(each).startswith(command)]
    result = torchcamp(*args, "--trust", cwd=tmp_path)
    assert "add --trust" not in result.stderr
    assert marks.exists()


def test_python_may_trust_too(stranger: Path, marks: Path):
    assert api.load(str(stranger), trust=True).classifies
    assert marks.exists()
    assert api.load(str(stranger)).classifies


@pytest.mark.parametrize("change", ["another module", "a compiled module", "a package below"])
def test_what_is_added_counts(own_run: Path, change: str):
    name = {
        "another module": "json.py",
        "a compiled module": "marks.cpython-311-x86_64-linux-gnu.so",
        "a package below": "deep/__init__.py",
    }[change]
    path = own_run / "source" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\n")
    assert not trust.is_trusted(own_run / "source")
    path.unlink()
    assert trust.is_trusted(own_run / "source")


def test_compiled_files_beside_the_sources_are_not_run(own_run: Path, marks: Path, tmp_path: Path):
    """They could hold other code than the sources whose content is trusted."""
    planted = tmp_path / "planted.py"
    planted.write_text(f"open({str(tmp_path / 'planted')!r}, 'w')\ndef leave(): pass\n")
    for name in ("marks", "mine"):
        source = own_run / "source" / f"{name}.py"
        compiled = Path(importlib.util.cache_from_source(str(source)))
        compiled.parent.mkdir(exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(f"""
                import py_compile
                py_compile.compile({str(planted)!r}, cfile={str(compiled)!r}, doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
            """)],
            check=True,
        )  # fmt: skip
    assert trust.is_trusted(own_run / "source")
    api.load(str(own_run))
    assert marks.exists()
    assert not (tmp_path / "planted").exists()


def test_a_list_that_others_can_write_is_not_believed(own_run: Path):
    trust._here.clear()
    remembered = Path(os.environ["XDG_STATE_HOME"]) / "torchcamp" / "trusted-sources"
    remembered.chmod(0o622)
    try:
        assert not trust.is_trusted(own_run / "source")
    finally:
        remembered.chmod(0o600)
    assert trust.is_trusted(own_run / "source")


def test_where_nothing_can_be_remembered_trust_holds_for_this_time(
    stranger: Path, tmp_path: Path, marks: Path
):
    (tmp_path / "state").write_text("a file where the folder should be")
    assert torchcamp("evaluate", str(stranger), "--trust", cwd=tmp_path).returncode == 0
    trust._here.clear()
    assert torchcamp("evaluate", str(stranger), cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2)])
def test_on_a_terminal_one_is_asked(
    stranger: Path, tmp_path: Path, marks: Path, answer: str, code: int
):
    ours, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "torchcamp", "evaluate", str(stranger), "--json"],
        cwd=tmp_path, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    os.write(ours, answer.encode())
    assert process.stdout
    process.stdout.read()
    assert process.wait(timeout=60) == code
    process.stdout.close()
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    words = " ".join(said.decode().split())
    assert "marks.py, mine.py" in words
    assert "with your rights" in words
    assert "Run it, now and from now on? [y/N]" in words
    assert marks.exists() == (code == 0)
