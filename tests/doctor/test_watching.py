"""The watching half: values stay, loops are cut as promised, nothing of the user's changes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.zygote import Zygote
from torchcamp.base.errors import ReadError
from torchcamp.doctor.diagnosis import Diagnosis

Diagnose = Callable[..., Diagnosis]

HEAD = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(330, 8)
Y = X[:, :3].argmax(1)
train = DataLoader(TensorDataset(X[:200], Y[:200]), batch_size=16, shuffle=True)
test = DataLoader(TensorDataset(X[200:], Y[200:]), batch_size=10)
net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
said = open("said.txt", "w")
def say(*words):
    print(*words, file=said, flush=True)
"""

TRAINING = """
for epoch in range(3):
    net.train()
    for x, y in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        say(epoch, len(x), loss.item().hex())
    net.eval()
    with torch.no_grad():
        for x, y in test:
            say("test", nn.functional.cross_entropy(net(x), y).item().hex())
say("end", sum(p.double().sum() for p in net.parameters()).item().hex())
"""


def said(tmp_path: Path) -> list[str]:
    return next((tmp_path / "doctor/work").rglob("said.txt")).read_text().splitlines()


def test_losses_under_watch_are_those_without_it_to_the_last_bit(
    diagnosed: Diagnose, tmp_path: Path
) -> None:
    source = HEAD.replace("X[200:]", "X[290:]").replace("Y[200:]", "Y[290:]") + TRAINING
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "train.py").write_text(source)
    subprocess.run(
        [sys.executable, "train.py"],
        cwd=plain,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    diagnosis = diagnosed(source, steps=1000)
    expected = (plain / "said.txt").read_text().splitlines()
    assert said(tmp_path) == expected
    assert len(expected) == 3 * 13 + 3 * 4 + 1
    assert diagnosis.watched.steps == 39
    assert not diagnosis.cut


def test_what_is_cut_begins_like_what_is_not(diagnosed: Diagnose, tmp_path: Path) -> None:
    diagnosed(HEAD + TRAINING, steps=1000)
    whole = said(tmp_path)
    (tmp_path / "doctor").rename(tmp_path / "whole")
    diagnosed(HEAD + TRAINING)
    assert said(tmp_path)[:6] == whole[:6]


def test_an_epoch_ends_after_some_steps_and_the_true_last_batch(
    diagnosed: Diagnose, tmp_path: Path
) -> None:
    diagnosis = diagnosed(HEAD + TRAINING, steps=4)
    lines = [line.split() for line in said(tmp_path)]
    first = [line[1] for line in lines if line[0] == "0"]
    assert first == ["16"] * 4 + ["8"]  # 200 rows: the last batch has 8
    assert [line[0] for line in lines if line[0] != "test"] == ["0"] * 5 + ["1"] * 5 + ["2"] * 5 + [
        "end"
    ]
    assert len([line for line in lines if line[0] == "test"]) == 3 * 7  # six batches and the last
    assert diagnosis.watched.steps == 15
    assert diagnosis.watched.validation_batches == 21
    assert [(cut.line, cut.after) for cut in diagnosis.cut] == [(18, 5)]


@pytest.mark.parametrize("steps", [2, 6])
def test_a_loop_shows_as_many_steps_as_asked(
    diagnosed: Diagnose, tmp_path: Path, steps: int
) -> None:
    loop = """
for step in range(1000):
    opt.zero_grad()
    net(X).sum().backward()
    opt.step()
    say(step)
else:
    say("else")
say("after")
"""
    diagnosis = diagnosed(HEAD + loop, steps=steps)
    assert said(tmp_path) == [*map(str, range(steps)), "999", "else", "after"]
    assert diagnosis.watched.steps == steps + 1


def test_while_loops_and_loops_around_them_end_too(diagnosed: Diagnose, tmp_path: Path) -> None:
    loops = """
def forever():
    while True:
        for x, y in train:
            yield x, y
epoch = 0
batches = forever()
while epoch < 50:
    step = 0
    while step < 500:
        x, y = next(batches)
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
        step += 1
        say(epoch, step)
    epoch += 1
say("after")
"""
    diagnosed(HEAD + loops, steps=3)
    lines = said(tmp_path)
    assert lines[-1] == "after"
    assert [line for line in lines if line.startswith("0 ")] == ["0 1", "0 2", "0 3"]
    assert {line.split()[0] for line in lines[:-1]} == {"0", "1"}


def test_loops_without_training_are_whole(diagnosed: Diagnose, tmp_path: Path) -> None:
    loops = """
for step in range(30):
    opt.zero_grad()
    h = torch.zeros(4, 8)
    for t in range(20):
        h = torch.tanh(h + X[:4])
    net(h).sum().backward()
    opt.step()
    if step == 0:
        say("unrolled", t)
for n in range(100):
    pass
say("counted", n)
"""
    diagnosed(HEAD + loops)
    assert said(tmp_path) == ["unrolled 19", "counted 99"]


def test_a_short_inner_loop_does_not_end_the_one_around_it(
    diagnosed: Diagnose, tmp_path: Path
) -> None:
    """A critic's five steps for each of the generator's."""
    loops = """
for round in range(100):
    for critic in range(3):
        opt.zero_grad()
        net(X).mean().backward()
        opt.step()
    say(round)
"""
    diagnosed(HEAD + loops)
    assert said(tmp_path) == ["0", "1", "2", "3", "4", "5", "99"]


def test_accumulation_gets_as_many_rounds_as_it_needs(diagnosed: Diagnose, tmp_path: Path) -> None:
    loops = """
for number in range(10000):
    (net(X[:4]).mean() / 16).backward()
    if number % 16 == 15:
        opt.step()
        opt.zero_grad()
        say(number)
"""
    diagnosed(HEAD + loops, steps=3)
    assert said(tmp_path)[:3] == ["15", "31", "47"]


def test_nothing_of_the_users_changes(diagnosed: Diagnose, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "checkpoints").mkdir(parents=True)
    (root / "checkpoints/best.pt").write_bytes(b"precious")
    (root / "log.txt").write_text("first\n")
    (root / "large.txt").write_text("x" * 5_000_000)  # too large to copy
    source = (
        HEAD
        + """
import os
from pathlib import Path
here = Path(__file__).parent
for step in range(3):
    net(X).mean().backward(); opt.step(); opt.zero_grad()
torch.save(net.state_dict(), here / "checkpoints/best.pt")
torch.load("checkpoints/best.pt")
with open("log.txt", "a") as log:
    log.write("second\\n")
say(open("log.txt").read().split())
with open("large.txt", "a") as large:
    large.write("y")
say(len(open("large.txt").read()))
os.remove("large.txt")
os.makedirs("made", exist_ok=True)
"""
    )
    diagnosis = diagnosed(source)
    assert diagnosis.watched.ended == "end"
    assert said(tmp_path) == ["['first', 'second']", "5000001"]
    assert (root / "checkpoints/best.pt").read_bytes() == b"precious"
    assert (root / "log.txt").read_text() == "first\n"
    assert (root / "large.txt").stat().st_size == 5_000_000
    names = sorted(each.name for each in root.iterdir())
    assert names == ["checkpoints", "large.txt", "log.txt", "train.py"]


def test_writing_elsewhere_and_the_network_are_blocked(diagnosed: Diagnose, tmp_path: Path) -> None:
    source = (
        HEAD
        + f"""
import urllib.request
for step in range(3):
    net(X).mean().backward(); opt.step(); opt.zero_grad()
for attempt in (lambda: open({str(tmp_path / "elsewhere")!r}, "w"), lambda: urllib.request.urlopen("http://localhost:9")):
    try:
        attempt()
    except OSError as error:
        say(type(error).__name__)
"""
    )
    diagnosis = diagnosed(source)
    assert said(tmp_path) == ["PermissionError", "PermissionError"]
    assert not (tmp_path / "elsewhere").exists()
    assert any("elsewhere" in each for each in diagnosis.blocked)
    assert any(each.startswith("network") for each in diagnosis.blocked)


def test_a_script_that_raises_still_gives_what_was_seen(diagnosed: Diagnose) -> None:
    source = (
        HEAD
        + """
for step in range(3):
    nn.functional.cross_entropy(net(X).softmax(1), Y).backward(); opt.step(); opt.zero_grad()
raise RuntimeError("the disk is full")
"""
    )
    diagnosis = diagnosed(source)
    assert diagnosis.watched.ended == "RuntimeError: the disk is full"
    assert [each.code for each in diagnosis.findings] == ["softmax-before-cross-entropy"]
    assert any("ended early" in each for each in diagnosis.not_watched)


def test_the_time_limit_judges_what_was_seen(diagnosed: Diagnose) -> None:
    source = (
        HEAD
        + """
import time
for step in range(3):
    nn.functional.cross_entropy(net(X).softmax(1), Y).backward(); opt.step(); opt.zero_grad()
while True:
    time.sleep(0.01)
"""
    )
    diagnosis = diagnosed(source, limit=15.0)
    assert diagnosis.watched.ended == "time limit"
    assert diagnosis.watched.seconds < 30
    assert [each.code for each in diagnosis.findings] == ["softmax-before-cross-entropy"]


def test_arguments_modules_functions_and_notebooks(
    diagnosed: Diagnose, zygote: Zygote, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg/__init__.py").write_text("")
    (root / "pkg/model.py").write_text(
        "from torch import nn\ndef make():\n    return nn.Linear(4, 2)\n"
    )
    (root / "pkg/train.py").write_text("""
import sys
import torch
from .model import make
net = make()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(int(sys.argv[1])):
    net(torch.randn(3, 4)).sum().backward(); opt.step(); opt.zero_grad()
open("said.txt", "w").write(__name__ + " " + __package__)
""")
    diagnosis = zygote.diagnose("pkg.train", tmp_path / "doctor", root, module=True, argv=["4"])
    assert (diagnosis.watched.ended, diagnosis.watched.steps) == ("end", 4)
    assert said(tmp_path) == ["__main__ pkg"]
    assert set(diagnosis.sources) >= {"pkg/train.py", "pkg/model.py"}

    function = "import torch\nfrom torch import nn\ndef fit():\n    net = nn.Linear(4, 2)\n    opt = torch.optim.SGD(net.parameters(), lr=0.1)\n    for step in range(2):\n        net(torch.randn(3, 4)).sum().backward(); opt.step(); opt.zero_grad()\nif __name__ == '__main__':\n    raise SystemExit(3)\n"
    diagnosis = diagnosed(function, target="train.py:fit")
    assert (diagnosis.watched.ended, diagnosis.watched.steps) == ("end", 2)

    cells = [
        {"cell_type": "markdown", "source": ["# Training"]},
        {
            "cell_type": "code",
            "source": ["%matplotlib inline\n", "import torch\n", "from torch import nn"],
        },
        {"cell_type": "code", "source": function.split("if __name__")[0] + "!pip list\nfit()"},
    ]
    diagnosis = diagnosed(json.dumps({"cells": cells}), name="train.ipynb")
    assert (diagnosis.watched.ended, diagnosis.watched.steps) == ("end", 2)


@pytest.mark.parametrize(
    ("target", "text", "words"),
    [
        ("none.py", None, "none.py does not exist"),
        ("notes.txt", "hello", "is not a script"),
        ("train.py", "def broken(:\n", "is not Python"),
        ("train.py:nothing", "x = 1\n", "has no function 'nothing'"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(
    zygote: Zygote, tmp_path: Path, target: str, text: str | None, words: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    if text is not None:
        (root / target.partition(":")[0]).write_text(text)
    with pytest.raises(ReadError, match=words):
        zygote.diagnose(target, tmp_path / "doctor", root)
