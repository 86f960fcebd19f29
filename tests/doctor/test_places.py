"""Where a finding stands: once for one cause, at the script's own line, in a notebook's cell."""

import json
from collections.abc import Callable

import pytest

from tests.doctor.test_docs import printed
from torchcamp.doctor.diagnosis import Diagnosis
from torchcamp.reading.notebooks import cell_of

Diagnose = Callable[..., Diagnosis]

SETUP = """\
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
X = torch.randn(160, 8)
Y = X[:, :3].argmax(1)
"""
LOOKED_AT_TWICE = """\
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in zip(X[:96].split(16), Y[:96].split(16)):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    MODE
    with torch.no_grad():
        for x, y in zip(X[96:128].split(16), Y[96:128].split(16)):
            print((net(x).argmax(1) == y).float().mean())  # first
        for x, y in zip(X[128:].split(16), Y[128:].split(16)):
            print((net(x).argmax(1) == y).float().mean())  # second
"""
OWN_OPTIMIZER = """\
class Decaying(torch.optim.AdamW):
    def __init__(self, parameters, weight_decay):
        super().__init__(parameters, lr=0.01, weight_decay=weight_decay)
def make(network):
    return Decaying(network.parameters(), weight_decay=0.05)
net = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))
optimizer = make(net)
for x, y in zip(X.split(16), Y.split(16)):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
IN_CELLS = [
    SETUP,
    "net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))\n"
    "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\n",
    "for x, y in zip(X.split(16), Y.split(16)):\n"
    "    loss = F.cross_entropy(net(x), y)\n"
    "    loss.backward()\n"
    "    optimizer.step()\n",
]
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "markdown", "source": "# Title"}]
        + [{"cell_type": "code", "source": source} for source in IN_CELLS]
    }
)


def line_of(source: str, words: str) -> int:
    return next(number for number, line in enumerate(source.splitlines(), 1) if words in line)


def test_one_missing_eval_at_two_lines_is_one_finding(diagnosed: Diagnose):
    source = SETUP + LOOKED_AT_TWICE.replace("MODE", "pass")
    (finding,) = diagnosed(source).findings
    assert finding.code == "eval-missing"
    assert finding.line == line_of(source, "# first")
    assert [place.line for place in finding.related] == [line_of(source, "# second")]
    assert "The same at 1 other line." in str(finding.evidence["words"])
    assert finding.seen >= 8


def test_lines_that_are_mended_apart_stay_apart(diagnosed: Diagnose):
    """It is put into eval mode once: each place that forgets it is a mistake of its own."""
    early = "with torch.no_grad():\n        net.eval()\n        print(net(X[:4]).mean())\n    net.train()"
    source = SETUP + LOOKED_AT_TWICE.replace("MODE", early)
    found = [each for each in diagnosed(source).findings if each.code == "eval-missing"]
    assert [each.line for each in found] == [
        line_of(source, "# first"),
        line_of(source, "# second"),
    ]


def test_an_optimizer_of_ones_own_stands_where_it_is_made(diagnosed: Diagnose):
    source = SETUP + OWN_OPTIMIZER
    (note,) = diagnosed(source).findings
    assert note.code == "weight-decay-on-norms"
    assert note.line == line_of(source, "return Decaying")


def test_a_finding_in_a_notebook_names_the_cell(diagnosed: Diagnose):
    diagnosis = diagnosed(NOTEBOOK, name="train.ipynb")
    (finding,) = diagnosis.findings
    assert (finding.code, finding.cell, finding.cell_line) == ("zero-grad-missing", 3, 4)
    (place,) = finding.related
    assert (place.cell, place.cell_line) == (3, 3)
    assert cell_of(diagnosis.sources["train.ipynb"], finding.line) == (3, 4)
    shown = printed(diagnosis)
    assert "train.ipynb cell 3:4  error  zero-grad-missing" in shown
    assert "> cell 3:4 | optimizer.step()" in shown
    assert "train.ipynb cell 3:1 after" in shown


def test_a_finding_in_a_script_has_no_cell(diagnosed: Diagnose):
    (finding,) = diagnosed("".join(IN_CELLS)).findings
    assert "cell" not in finding.as_json()


@pytest.mark.parametrize("line", [0, 1])
def test_a_line_above_every_cell_is_in_none(line: int):
    assert cell_of("# Cell 1\nx = 1\n", line) is None
