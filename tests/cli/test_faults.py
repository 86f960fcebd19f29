"""Signals, full disks and odd surroundings, injected into real processes; `make test-faults`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.cli.program import finish, only_run

pytestmark = pytest.mark.fault
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
ARGS = ["train", "mlp", "--data", "digits", "--epochs", "12", "--device", "cpu", "--seed", "3"]


def begin(cwd: Path, *args: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "torchcamp", *args], cwd=cwd, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"HOME": str(cwd)} | environment,
    )  # fmt: skip


def wait_for_row(cwd: Path) -> None:
    end = time.monotonic() + 60
    while not list(cwd.glob("runs/*/metrics.jsonl")):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    finish(begin(folder, *ARGS), 0)
    return only_run(folder)


def assert_same(run: Path, other: Path) -> None:
    ours, theirs = (load_file(each / "weights.safetensors") for each in (run, other))
    assert all(ours[name].equal(theirs[name]) for name in theirs)
    assert (run / "metrics.jsonl").read_text() == (other / "metrics.jsonl").read_text()
    assert not list(run.rglob("*.part"))


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_in_the_training(
    tmp_path: Path, undisturbed: Path, number: signal.Signals, code: int, times: int
):
    process = begin(tmp_path, *ARGS)
    wait_for_row(tmp_path)
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.01)
    assert "stopped" in finish(process, code)
    finish(begin(tmp_path, "train", "--resume", str(only_run(tmp_path))), 0)
    assert_same(only_run(tmp_path), undisturbed)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize(
    "module", ["torchcamp.cli.main", "numpy._core", "torch.nn", "torchcamp.recipes.train"]
)
def test_a_signal_while_modules_are_imported(
    tmp_path: Path, module: str, number: signal.Signals, code: int
):
    """`-X importtime` tells which one was imported last."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "torchcamp", *ARGS], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"HOME": str(tmp_path)},
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith(f" {module}"):
            break
    process.send_signal(number)
    lines = finish(process, code).splitlines()
    said = [line for line in lines if not line.startswith("import time:")]
    assert [line for line in said if "stopped" in line], said
    assert all(line.startswith("torchcamp: ") for line in said if "stopped" in line)


SLOWLY = """
import sys, time
import torchcamp.recipes.classifier as classifier
import torchcamp.recipes.train as training
def slowly(function):
    def wrapped(*args, **options):
        print("SLOWLY", file=sys.stderr, flush=True)
        time.sleep(60)
        return function(*args, **options)
    return wrapped
if {where!r} == "report":
    training.render_report = slowly(training.render_report)
else:
    classifier.evaluate_classifier = slowly(classifier.evaluate_classifier)
from torchcamp.cli.main import main
main({args!r})
"""


@pytest.mark.parametrize(
    ("number", "code", "times"), [(*SIGNALS[0], 2), *((*each, 1) for each in SIGNALS)]
)
@pytest.mark.parametrize("where", ["evaluation", "report"])
def test_a_signal_after_the_training(
    tmp_path: Path, undisturbed: Path, where: str, number: signal.Signals, code: int, times: int
):
    """While the run is measured, and while its report is written: the same run goes on to its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY.format(where=where, args=ARGS)], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"HOME": str(tmp_path)},
    )  # fmt: skip
    assert process.stderr is not None
    before = "".join(iter(process.stderr.readline, "SLOWLY\n"))
    assert "epoch 12/12" in before
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.01)
    said = "".join(process.communicate(timeout=120))
    # A second one may come when Python itself has taken its handlers away: the same code for a shell.
    assert process.returncode == code or (times == 2 and process.returncode == -number), said
    assert "Traceback" not in said
    assert "stopped" in said
    assert "train --resume runs/mlp-" in said
    finish(begin(tmp_path, "train", "--resume", str(only_run(tmp_path))), 0)
    assert_same(only_run(tmp_path), undisturbed)
    assert (only_run(tmp_path) / "report.html").exists()


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_measuring(
    tmp_path: Path, undisturbed: Path, number: signal.Signals, code: int
):
    process = begin(tmp_path, "evaluate", "vae", "--fresh", "--data", "digits")
    time.sleep(4)
    process.send_signal(number)
    assert "stopped" in finish(process, code)


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        {"LANG": "C"},
        {"COLUMNS": "20"},
        {"TERM": "dumb"},
        {"HOME": ""},
        {"HOME": "/dev/null"},
    ],
    ids=str,
)
def test_odd_surroundings(tmp_path: Path, environment: dict[str, str]):
    args = [*ARGS[:4], "--epochs", "1"]
    finish(begin(tmp_path, *args, **environment), 0)
    run = str(only_run(tmp_path))
    finish(begin(tmp_path, "runs", **environment), 0)
    finish(begin(tmp_path, "evaluate", run, "--fresh", **environment), 0)
    (tmp_path / ".torchcamp").mkdir()
    finish(begin(tmp_path, "practice", "batch_loss", **environment), 0)


def test_a_reader_that_leaves(tmp_path: Path):
    with begin(tmp_path, "practice", "--list") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=60) in (0, 1, 2)
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("room", [60_000, 200_000, 400_000, 900_000])
def test_a_full_disk_is_one_line_that_names_the_file(tmp_path: Path, undisturbed: Path, room: int):
    """A limit on the size of each file stands in for the disk: the same write fails, with EFBIG."""
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        "import errno, shutil; from collections import namedtuple\n"
        "shutil.disk_usage = lambda path: namedtuple('Usage', 'free')(0)\n"
        f"from torchcamp.cli.main import main; main({ARGS!r})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"HOME": str(tmp_path)},
    )  # fmt: skip
    said = finish(process, 2)
    assert "cannot write runs/mlp-" in said
    assert "train --resume runs/mlp-" in said
    json.loads((only_run(tmp_path) / "run.json").read_text())
    finish(begin(tmp_path, "train", "--resume", str(only_run(tmp_path))), 0)
    assert_same(only_run(tmp_path), undisturbed)


def mounted(folder: Path, how: str, *args: str) -> subprocess.CompletedProcess[str]:
    """`torchcamp ARGS` in `folder`, in a name space of mounts of its own; root ignores modes."""
    script = f"{how} && cd {folder} && exec {sys.executable} -m torchcamp {' '.join(args)}"
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], text=True, capture_output=True, timeout=120,
        env=os.environ | {"HOME": str(folder)},
    )  # fmt: skip


@pytest.mark.parametrize("disk", ["read-only", "full"])
def test_what_needs_no_writing_is_done_on_such_a_disk(tmp_path: Path, disk: str):
    folder = tmp_path / "home"
    folder.mkdir()
    how = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
    if disk == "full":
        how = (
            f"rm -rf {tmp_path}/copy && cp -r {folder} {tmp_path}/copy && mount -t tmpfs -o size=8m none {folder}"
            f" && cp -r {tmp_path}/copy/. {folder} && head -c 20m /dev/zero > {folder}/filled 2>/dev/null; true"
        )
    if mounted(folder, how, "--version").returncode != 0:
        pytest.skip("no mounts here: unshare --mount is not allowed")
    finish(begin(folder, "practice", "batch_loss"), 0)
    name = "conv_output_size"
    finish(begin(folder, "practice", name), 0)
    solution = finish(begin(folder, "solution", name), 0)
    (folder / "torchcamp" / "answers" / f"{name}.py").write_text(solution)
    for args, words in (
        (("solution", name), "def "),
        (("hint", name), "1"),
        (("practice", name), "Your answer"),
        (("check", name), "Solved."),
    ):
        result = mounted(folder, how, *args)
        assert "Traceback" not in result.stderr
        assert result.returncode == 0, result.stderr
        assert words in result.stdout
    assert "your progress could not be kept" in result.stderr  # the last: of `check`
    trained = mounted(folder, how, *ARGS[:4], "--epochs", "1")
    assert trained.returncode == 2
    assert "runs" in trained.stderr.splitlines()[-1]
