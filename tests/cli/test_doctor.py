"""`torchcamp doctor` as it is typed; what it watches is tested in tests/doctor."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import one_line, torchcamp
from tests.doctor.made import SEVERAL, diagnosis, ended, finding
from torchcamp.base.errors import ReadError
from torchcamp.doctor import process
from torchcamp.doctor.codes import CODES
from torchcamp.doctor.diagnosis import Diagnosis

BUGGY = """
import sys
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(int(sys.argv[1])):
    x = torch.randn(8, 4)
    loss = nn.functional.cross_entropy(net(x), x[:, :2].argmax(1))
    loss.backward()
    optimizer.step()
"""
Asked = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Diagnosis], Asked]:
    """Let `diagnose` answer with a diagnosis; what it was asked is written down."""

    def prepare(reply: Diagnosis) -> Asked:
        asked: Asked = []

        def diagnose(target: str, **options: Any) -> Diagnosis:
            asked.append((target, options))
            return reply

        monkeypatch.setattr(process, "diagnose", diagnose)
        return asked

    return prepare


def test_a_script_with_a_bug_is_run_and_told(tmp_path: Path):
    """For once without a made diagnosis."""
    (tmp_path / "train.py").write_text(BUGGY)
    result = torchcamp("doctor", "train.py", "--", "50", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "train.py:13  error  zero-grad-missing" in result.stdout
    assert "> 13 | optimizer.step()" in result.stdout
    assert "is not a sandbox" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]
    silenced = BUGGY.replace(".step()", ".step()  # torchcamp: ignore[zero-grad-missing]")
    (tmp_path / "train.py").write_text(silenced)
    result = torchcamp("doctor", "train.py", "--json", "--", "50", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [each["code"] for each in json.loads(result.stdout)["ignored"]] == ["zero-grad-missing"]
    result = torchcamp("doctor", "train.py", cwd=tmp_path)
    assert result.returncode == 2
    assert "no training was seen in train.py: the script raised IndexError" in one_line(result)


def test_what_is_typed_reaches_the_watching_half(answer, tmp_path: Path):
    asked = answer(SEVERAL)
    torchcamp("doctor", "train.py", cwd=tmp_path)
    torchcamp(
        "doctor", "--module", "pkg.train", "--steps", "9", "--limit", "5.5", "--", "--steps", "3", "--",
        "-x", cwd=tmp_path,
    )  # fmt: skip
    torchcamp("doctor", "-m", "pkg.train", cwd=tmp_path)
    assert asked == [
        ("train.py", {"module": False, "argv": (), "steps": 6, "limit": 60.0}),
        ("pkg.train", {"module": True, "argv": ("--steps", "3", "--", "-x"), "steps": 9, "limit": 5.5}),
        ("pkg.train", {"module": True, "argv": (), "steps": 6, "limit": 60.0}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (diagnosis(), 0),
        (diagnosis(finding("seed-not-set", 1)), 0),
        (diagnosis(finding("loss-explodes", 8)), 1),
        (SEVERAL, 1),
        (diagnosis(ignored=[finding("no-step", 8)]), 0),
        (diagnosis(watched=ended("ValueError: x", steps=3)), 0),
        (diagnosis(watched=ended("ValueError: x")), 2),
        (diagnosis(watched=ended("time limit")), 2),
        (diagnosis(watched=ended("end")), 2),
        (diagnosis(watched=ended("end", backwards=4)), 0),
        (diagnosis(finding("uint8-wraps", 1), watched=ended("exit 1")), 1),
    ],
)
@pytest.mark.parametrize("args", [[], ["--json"]])
def test_exit_codes(answer, tmp_path: Path, reply: Diagnosis, code: int, args: list[str]):
    answer(reply)
    result = torchcamp("doctor", "train.py", *args, cwd=tmp_path)
    assert result.returncode == code
    assert result.stdout
    if code == 2:
        assert "no training was seen in train.py" in one_line(result)
    else:
        assert "torchcamp: " not in result.stderr


def test_as_json_it_is_one_object_on_one_line(answer, tmp_path: Path):
    answer(SEVERAL)
    result = torchcamp("doctor", "train.py", "--json", cwd=tmp_path)
    (line,) = result.stdout.splitlines()
    assert Diagnosis.from_json(json.loads(line)) == SEVERAL


def test_a_page_is_written_beside_the_listing(answer, tmp_path: Path):
    answer(SEVERAL)
    result = torchcamp("doctor", "train.py", "--html", "page.html", cwd=tmp_path)
    assert result.returncode == 1
    assert "page: page.html" in result.stderr
    assert "train.py:9  error  zero-grad-missing" in result.stdout
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "What showed zero-grad-missing." in page
    refused = torchcamp("doctor", "train.py", "--html", "no/page.html", cwd=tmp_path)
    assert refused.returncode == 2
    assert "cannot write no/page.html" in one_line(refused)


def test_every_code_is_listed_or_the_one_that_is_named(tmp_path: Path):
    shown = torchcamp("doctor", "--list", cwd=tmp_path)
    assert shown.returncode == 0
    assert all(f"\n{code}  " in shown.stdout for code in CODES)
    listed = json.loads(torchcamp("doctor", "--list", "--json", cwd=tmp_path).stdout)
    assert [each["code"] for each in listed] == list(CODES)
    assert listed[0].keys() == {
        "code", "severity", "title", "effect", "mend", "lesson", "wrong", "right",
    }  # fmt: skip
    one = torchcamp("doctor", "--list", "eval-missing", cwd=tmp_path).stdout
    assert "model.eval()" in one
    assert "zero-grad-missing" not in one
    unknown = torchcamp("doctor", "--list", "eval-mising", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "Did you mean 'eval-missing'?" in one_line(unknown)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "torchcamp doctor train.py"),
        (["no.py"], "no.py does not exist"),
        (["notes.txt"], "notes.txt is not a script"),
        (["-m", "no.train"], "cannot find the module no.train"),
        (["train.py", "--steps", "1"], "--steps"),
        (["train.py", "--limit", "0"], "--limit"),
        (["train.py", "--lr", "1"], "come after --: torchcamp doctor train.py -- --lr"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path, args: list[str], words: str):
    (tmp_path / "notes.txt").write_text("x")
    result = torchcamp("doctor", *args, cwd=tmp_path)
    assert result.returncode == 2
    assert words in one_line(result)
    assert result.stdout == ""


def test_only_the_watched_process_waits_for_torch(tmp_path: Path):
    """Importing it takes longer than anything else that the command does."""
    modules = "process", "terminal", "page"
    imports = "import sys, torchcamp.cli.doctor, " + ", ".join(
        f"torchcamp.doctor.{m}" for m in modules
    )
    code = f"{imports}\nprint('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout == "False\n", ran.stderr


def test_what_the_watching_half_refuses_is_one_line(monkeypatch, tmp_path: Path):
    def diagnose(*args: Any, **options: Any) -> Diagnosis:
        raise ReadError("train.py is not Python 3: invalid syntax")

    monkeypatch.setattr(process, "diagnose", diagnose)
    result = torchcamp("doctor", "train.py", cwd=tmp_path)
    assert result.returncode == 2
    assert "not Python 3" in one_line(result)
