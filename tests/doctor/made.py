"""Diagnoses made by hand, for what shows them."""

from typing import Any

from torchcamp.doctor.codes import CODES
from torchcamp.doctor.diagnosis import Cut, Diagnosis, Finding, Place, Watched

SOURCE = """\
import torch
from lib import Net

net = Net()
for epoch in range(9):
    for x, y in loader:
        loss = (net(x) - y).pow(2).mean()
        loss.backward()
        optimizer.step()
"""
LIBRARY = """\
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5) <b>
"""


def finding(code: str, line: int, file: str = "train.py", **changes: Any) -> Finding:
    """A finding as a detector would make it."""
    explained = CODES[code]
    values = {
        "severity": explained.severity,
        "evidence": {"words": f"What showed {code}.", "norm_used": 0.5},
        "effect": explained.effect,
        "mend": explained.mend,
        "lesson": explained.lesson,
        "seen": 1,
    }
    return Finding(code=code, file=file, line=line, **(values | changes))


def diagnosis(*findings: Finding, **changes: Any) -> Diagnosis:
    """Of a run that saw 18 steps and came to its end."""
    values = {
        "ignored": [],
        "watched": Watched(
            steps=18, backwards=18, forwards=30, validation_batches=1, ended="end", seconds=2.7
        ),
        "stand_ins": [],
        "cut": [Cut(file="train.py", line=5, after=2), Cut(file="train.py", line=6, after=7)],
        "not_watched": [],
        "blocked": [],
        "sources": {"lib.py": LIBRARY, "train.py": SOURCE},
    }
    return Diagnosis(target="train.py", findings=list(findings), **(values | changes))


def ended(how: str, **changes: Any) -> Watched:
    """What was watched of a run that ended early."""
    values = {"steps": 0, "backwards": 0, "forwards": 0, "validation_batches": 0, "seconds": 0.5}
    return Watched(ended=how, **(values | changes))


SEVERAL = diagnosis(
    finding("zero-grad-missing", 9, seen=16, related=[Place(file="train.py", line=8)]),
    finding("dropout-always-on", 3, "lib.py", related=[Place(file="train.py", line=7)]),
    finding("loss-explodes", 8),
    finding("learning-rate", 4),
    finding("seed-not-set", 1),
    ignored=[finding("broadcast-mismatch", 7)],
    stand_ins=["MNIST: 1200 made pictures of 28x28"],
    blocked=["program: nvidia-smi"],
    not_watched=["no validation ran within the steps"],
)
