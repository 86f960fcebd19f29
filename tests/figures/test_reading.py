"""Lesson 15: wrong lines to find, and `torchcamp read` and `doctor` in the page."""

import subprocess
import sys
from pathlib import Path

import pytest

from torchcamp.figures import reading


@pytest.mark.parametrize("name", list(reading.scripts()))
def test_each_wrong_line_stands_once(name: str):
    entry = reading.scripts()[name]
    lines = [line.strip() for line in entry.source.splitlines()]
    assert len(entry.wrong) >= 2
    for wrong in entry.wrong:
        assert lines.count(wrong.line) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", list(reading.scripts()))
def test_every_script_runs(name: str):
    done = subprocess.run([sys.executable, str(reading.SCRIPTS / f"{name}.py")], timeout=120)
    assert done.returncode == 0


def test_every_script_is_asked_about():
    on_disk = {path.stem for path in reading.SCRIPTS.glob("*.py")}
    assert on_disk == set(reading.scripts())


def test_a_wrong_line_is_told_from_a_right_one():
    figure = reading.find_line()
    lines = reading.scripts()["plain_gan"].source.splitlines()
    number = next(n for n, line in enumerate(lines) if "torch.rand(len(real)" in line)
    reply, _ = figure._answer({"script": "plain_gan", "line": number})
    assert reply["verdict"] == "wrong"
    assert "uniform noise" in reply["words"]
    assert figure._answer({"script": "plain_gan", "line": number + 1})[0]["verdict"] == "right"


def test_reading_in_the_page_says_why_it_cannot(tmp_path: Path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.a = nn.Linear(3, 2)\n\n"
        "    def forward(self, x):\n        return self.a(x)\n"
    )
    reply = reading.read_page("net.py:Net", "4x3", "", tmp_path)
    assert "self.a(x)" in reply["page"]
    assert reply["words"].endswith("torchcamp read net.py:Net --input 4x3")
    missing = reading.read_page("net.py:Nat", "4x3", "", tmp_path)
    assert missing["page"] == ""
    assert "Net" in missing["words"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        pytest.param(
            "plain_gan.py", ("dropout-always-on", "latent-law-differs"), marks=pytest.mark.slow
        ),
        ("resumed.py", ("best-weights-are-an-alias",)),
        pytest.param("two_networks.py", ("optimizer-does-not-own",), marks=pytest.mark.slow),
    ],
)
def test_the_doctor_sees_wrong_lines_of_our_scripts(
    tmp_path: Path, name: str, codes: tuple[str, ...]
):
    reply = reading.diagnosis_page(name, "", tmp_path)
    assert reply["words"] == f"The same in a terminal: torchcamp doctor {name}"
    assert all(code in reply["page"] for code in codes)
    assert not list(tmp_path.iterdir())


def test_every_script_that_trains_is_offered():
    trains = {path.name for path in reading.SCRIPTS.glob("*.py") if ".step()" in path.read_text()}
    assert trains == set(reading.WATCHED)


def test_a_learners_script_comes_first_and_gets_its_arguments(tmp_path: Path):
    script = tmp_path / "resumed.py"
    script.write_text(
        "import sys\nimport torch\n\nnet = torch.nn.Linear(3, 1)\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "for step in range(int(sys.argv[2])):\n"
        "    net(torch.ones(4, 3)).sum().backward()\n    optimizer.step()\n"
    )
    reply = reading.diagnosis_page("resumed.py", "--steps 9", tmp_path)
    assert "zero-grad-missing" in reply["page"]
    assert reply["words"].endswith("torchcamp doctor resumed.py -- --steps 9")


@pytest.mark.parametrize(
    ("target", "args", "words"),
    [("nowhere.py", "", "nowhere.py does not exist"), ("resumed.py", "'", "cannot be read")],
)
def test_a_diagnosis_in_the_page_says_why_it_cannot(
    tmp_path: Path, target: str, args: str, words: str
):
    reply = reading.diagnosis_page(target, args, tmp_path)
    assert reply["page"] == ""
    assert words in reply["words"]
    assert "\n" not in reply["words"]


def test_nothing_is_watched_before_a_script_is_named(tmp_path: Path):
    reply, _ = reading.diagnose_any(tmp_path)._answer({"target": " ", "args": ""})
    assert reply["page"] == ""
    assert reply["words"].startswith("Name a script")
