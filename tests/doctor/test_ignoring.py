"""Comments that silence findings."""

import pytest

from torchcamp.doctor.diagnosis import Finding
from torchcamp.doctor.ignoring import split_ignored

TEXT = """loss = criterion(  # torchcamp: ignore[log-of-sigmoid]
    model(x),
    y,
)
a = 1  # torchcamp: ignore
b = 2  # torchcamp: ignore[eval-missing, no-step]
c = "# torchcamp: ignore"
for x in y:  # torchcamp: ignore[no-step]
    d = 3
e = 4  # torchcamp: ignore[eval-mising]
"""


def finding(line: int, code: str, file: str = "train.py") -> Finding:
    return Finding(
        code=code, severity="error", file=file, line=line, evidence={"words": ""}, effect="", mend="",
        lesson="mlp", seen=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "is_silent"),
    [
        (1, "log-of-sigmoid", True),
        (3, "log-of-sigmoid", True),
        (1, "eval-missing", False),
        (5, "eval-missing", True),
        (6, "no-step", True),
        (6, "eval-missing", True),
        (6, "log-of-sigmoid", False),
        (7, "no-step", False),
        (8, "no-step", True),
        (9, "no-step", False),
        (10, "eval-missing", False),
    ],
)
def test_a_comment_silences_its_statement(line: int, code: str, is_silent: bool) -> None:
    kept, ignored, _ = split_ignored([finding(line, code)], {"train.py": TEXT})
    assert (len(kept), len(ignored)) == ((0, 1) if is_silent else (1, 0))


def test_other_files_are_not_concerned() -> None:
    kept, _, _ = split_ignored([finding(5, "no-step", "model.py")], {"train.py": TEXT})
    assert len(kept) == 1


def test_a_misspelt_code_is_told() -> None:
    _, _, unknown = split_ignored([], {"train.py": TEXT})
    assert unknown == [
        "train.py:10 ignores 'eval-mising', which is not a code. Did you mean 'eval-missing'?"
    ]
