"""Kill a run anywhere, resume it, and nothing tells the two apart but the clock."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tests.cli.program import finish, only_run

ARGS = [
    "train", "cnn", "--data", "digits", "--epochs", "4", "--seed", "3", "--device", "cpu",
    "--set", "channels=4,6,8", "--set", "batch_size=32", "--set", "average_decay=0.9",
]  # fmt: skip


def start(cwd: Path, *args: str, slow: bool = False) -> subprocess.Popen[str]:
    """A run as a process; `slow` writes checkpoints slowly, so that a kill can hit one."""
    code = "from torchcamp.cli.main import main\n"
    if slow:
        code = (
            "import time, torch\nsave = torch.save\n"
            "def slowly(value, path):\n"
            "    path.write_bytes(b'half a checkpoint')\n"
            "    print('writing', flush=True)\n    time.sleep(0.4)\n    save(value, path)\n"
            "torch.save = slowly\n"
        ) + code
    return subprocess.Popen(
        [sys.executable, "-c", code + "main()", *args],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


def record(run: Path) -> dict[str, Any]:
    """Everything in the folder but clock values."""
    report = (run / "report.html").read_text()
    numbers = re.search(r'<script type="application/json" id="record">(.*?)</script>', report, re.S)
    assert numbers
    described = json.loads((run / "run.json").read_text())
    for clock in ("started", "finished", "seconds", "train_seconds", "command"):
        del described[clock]
    return {
        "files": sorted(str(path.relative_to(run)) for path in run.rglob("*")),
        "metrics": (run / "metrics.jsonl").read_text(),
        "report": json.loads(numbers.group(1)),
        "run.json": described,
        "weights": (run / "weights.safetensors").read_bytes(),
    }


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("straight")
    finish(start(folder, *ARGS))
    return only_run(folder)


def wait_for_folder(cwd: Path, process: subprocess.Popen[str], file: str = "run.json") -> Path:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = list((cwd / "runs").glob(f"*/{file}"))
        if found:
            return found[0].parent
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    raise AssertionError("no run folder")


@pytest.mark.fault
@pytest.mark.parametrize("attempt", [0, 1, 2, 3])
def test_killed_at_a_random_moment(tmp_path: Path, straight: Path, attempt: int):
    process = start(tmp_path, *ARGS)
    run = wait_for_folder(tmp_path, process)
    time.sleep(random.Random(attempt).uniform(0.0, 3.0))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finish(start(tmp_path, "train", "--resume", str(run)))
    assert record(run) == record(straight)


@pytest.mark.fault
def test_killed_while_a_checkpoint_is_written_and_again(tmp_path: Path, straight: Path):
    process = start(tmp_path, *ARGS, slow=True)
    run = wait_for_folder(tmp_path, process)
    for _ in range(2):  # the second kill hits a run that was resumed
        assert process.stdout
        assert process.stdout.readline() == "writing\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert list(run.glob(".checkpoint.pt-*.part"))
        process = start(tmp_path, "train", "--resume", str(run), slow=True)
    finish(process)
    assert record(run) == record(straight)


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(tmp_path: Path, straight: Path):
    process = start(tmp_path, *ARGS)
    run = wait_for_folder(tmp_path, process, "metrics.jsonl")
    process.send_signal(signal.SIGINT)
    words = finish(process, 130)
    assert f"torchcamp train --resume runs/{run.name}" in words
    assert json.loads((run / "run.json").read_text())["finished"] is None
    finish(start(tmp_path, "train", "cnn", "--resume", str(run), "--seed", "3"))
    assert record(run) == record(straight)


@pytest.mark.fault
def test_ctrl_c_stops_a_sweep_and_the_same_command_goes_on(tmp_path: Path):
    args = [
        "sweep", "cnn", "--data", "digits", "--epochs", "3", "--device", "cpu",
        "--set", "channels=4,6,8", "--set", "lr=0.01,0.02", "--trials", "2",
    ]  # fmt: skip
    process = start(tmp_path, *args)
    wait_for_folder(tmp_path, process, "*/metrics.jsonl")
    process.send_signal(signal.SIGINT)
    words = finish(process, 130)
    assert "stopped; the same command goes on" in words
    (folder,) = (tmp_path / "runs").iterdir()
    assert len(list(folder.glob("cnn-*"))) == 1
    finish(start(tmp_path, *args))
    found = json.loads((folder / "sweep.json").read_text())
    assert [trial["state"] for trial in found["trials"]] == ["done", "done"]
    assert len(list(folder.glob("cnn-*"))) == 2  # the first was resumed


def test_a_finished_run_is_left_alone(tmp_path: Path, straight: Path):
    run = tmp_path / "copy"
    shutil.copytree(straight, run)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in run.iterdir()}
    words = finish(start(tmp_path, "train", "--resume", str(run), "--json"))
    assert "already finished" in words
    assert '"test_accuracy"' in words
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in run.iterdir()} == before


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--seed", "4"], "has seed 3, not 4: leave that out"),
        (["--epochs", "5"], "has epochs 4, not 5"),
        (["--data", "mnist"], "has data digits, not mnist"),
        (["--set", "lr=0.5"], "has other settings than --set asks for"),
        (["mlp"], "has recipe cnn, not mlp"),
        (["--preset", "best"], "has preset default, not best"),
    ],
)
def test_other_numbers_are_refused(tmp_path: Path, straight: Path, args: list[str], words: str):
    output = finish(start(tmp_path, "train", "--resume", str(straight), *args), 2)
    assert words in output


@pytest.mark.fault
def test_killed_before_its_first_checkpoint(tmp_path: Path, straight: Path):
    process = start(tmp_path, *ARGS, slow=True)
    run = wait_for_folder(tmp_path, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (run / "checkpoint.pt").exists()
    finish(start(tmp_path, "train", "--resume", str(run)))
    assert record(run) == record(straight)
    (tmp_path / "empty").mkdir()
    output = finish(start(tmp_path, "train", "--resume", "empty"), 2)
    assert "is not a run folder: it has no run.json" in output


def test_the_weights_are_the_averaged_network(straight: Path):
    weights = load_file(straight / "weights.safetensors")
    assert "conv1.0.weight" in weights
