"""The check of shape comments finds true ones, false ones, and those that no run reached."""

from pathlib import Path

import pytest
import torch

from torchcamp.reading.shapes import check_shapes, claims_of

SOURCE = """
import torch

def f(x):
    y = x.flatten(start_dim=1)  # (B, C * 9)
    pair = y, y  # each (B, C * 9)
    total = y.sum()  # ()
    if x.shape[0] > 100:
        z = x + 1  # (B, C, 3, 3)
    return torch.stack([y, y])  # (2, B, C * 9)

def g(x):
    if len(x) == 1:
        return x  # (1, C)
    return x.sum(
        dim=0
    )  # (C,)
"""


def run(tmp_path: Path, source: str, **letters: int):
    path = tmp_path / "model.py"
    path.write_text(source)
    scope: dict = {}
    exec(compile(source, str(path), "exec"), scope)

    def call() -> None:
        scope["f"](torch.zeros(4, 5, 3, 3))
        scope["g"](torch.zeros(4, 5))

    return check_shapes(path, call, {"B": 4, "C": 5} | letters)


def test_true_claims(tmp_path: Path):
    findings = run(tmp_path, SOURCE)
    assert len(findings.claims) == 7
    assert findings.wrong == ()
    assert [claim.text for claim in findings.unseen] == ["(B, C, 3, 3)", "(1, C)"]


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("y = x.flatten(start_dim=1)  # (B, C * 9)", "y = x.flatten(start_dim=1)  # (B, C * 8)"),
        ("each (B, C * 9)", "each (B, C)"),
        ("# ()", "# (B,)"),
        ("# (2, B, C * 9)", "# (B, C * 9)"),
        (")  # (C,)", ")  # (B,)"),
    ],
)
def test_each_false_claim_is_reported_on_its_own_line(tmp_path: Path, true: str, false: str):
    source = SOURCE.replace(true, false, 1)
    assert source != SOURCE
    findings = run(tmp_path, source)
    assert len(findings.wrong) == 1
    assert false.rpartition("# ")[2].replace("each ", "") in findings.wrong[0]


def test_an_unknown_letter_is_an_error(tmp_path: Path):
    with pytest.raises(KeyError, match="Z"):
        run(tmp_path, SOURCE.replace("# ()", "# (Z,)"))


def test_other_comments_are_no_claims():
    assert claims_of("x = 1  # the answer (see above)\n") == []
    assert claims_of("x = 1  # (B,)\n")[0].name == "x"
