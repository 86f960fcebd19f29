"""docs/doctor.md shows a script and what the doctor says about it: both are of today."""

import io
import re
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from torchcamp.doctor.codes import CODES
from torchcamp.doctor.diagnosis import Diagnosis
from torchcamp.doctor.terminal import PIPED, report

TEXT = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
SCRIPT = re.findall(r"```python\n(.*?)```", TEXT, re.S)[0]
PRINTED = re.findall(r"```text\n(.*?)```", TEXT, re.S)[0]
Diagnose = Callable[..., Diagnosis]


def printed(diagnosis: Diagnosis) -> str:
    console = Console(file=io.StringIO(), width=PIPED, highlight=False)
    for part in report(diagnosis):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def without_seconds(text: str) -> str:
    return re.sub(r"in\s+[\d.e-]+\s+s;", "in … s;", " ".join(text.split()))


def test_what_is_shown_is_what_is_printed(diagnosed: Diagnose):
    found = diagnosed(SCRIPT)
    assert len(found.findings) == 3
    assert without_seconds(printed(found)) == without_seconds(PRINTED)


def test_mended_as_the_page_says_nothing_is_found(diagnosed: Diagnose):
    mended = SCRIPT
    for wrong, right in (
        (", nn.Softmax(dim=1)", ""),
        ("        loss.backward()", "        optimizer.zero_grad()\n        loss.backward()"),
        ("    correct = 0\n", "    net.eval()\n    correct = 0\n"),
        ("    for x, y in train_loader", "    net.train()\n    for x, y in train_loader"),
    ):
        assert mended.count(wrong) == 1
        mended = mended.replace(wrong, right)
    assert printed(diagnosed(mended)).startswith("train.py: nothing found\n")


def test_codes_that_the_page_names_exist():
    named = {
        code.strip()
        for group in re.findall(r"ignore\[([^\]]*)\]|--list ([a-z-]+)", TEXT)
        for code in ",".join(group).split(",")
        if code.strip()
    }
    assert len(named) == 3
    assert named <= CODES.keys()
