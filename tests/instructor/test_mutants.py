"""`dev mutants`: what is changed, and that a check which lets a change pass is found."""

import shutil
from pathlib import Path

from torchcamp.course.content import course, read_exercise
from torchcamp.course.judge.edits import mutants
from torchcamp.instructor.mutants import survivors

SOURCE = '''
import torch


def loss(x: torch.Tensor, scale: float = 2.0) -> torch.Tensor:
    """The mean of scale * x."""
    with torch.no_grad():
        x = x.clamp(min=0)
    return (scale * x).mean()
'''


def test_each_place_is_changed():
    found = {mutant.words: mutant.source for mutant in mutants(SOURCE)}
    assert "    return (scale * x).sum()\n" in found["sum for mean: (scale * x).mean()"]
    assert "    return scale * x\n" in found["without .mean(): (scale * x).mean()"]
    assert "    return (scale / x).mean()\n" in found["/ for *: scale * x"]
    assert "    x = x.clamp()\n" in found["without min: x.clamp(min=0)"]
    assert "no_grad" not in found["without: with torch.no_grad():"]
    assert len(found) == len(set(found.values()))
    for source in found.values():
        assert '"""The mean of scale * x."""' in source
        assert "scale: float=2.0" in source  # what is declared is given


def test_a_check_that_lets_a_change_pass_is_found(tmp_path: Path):
    sound = course().find("generator_loss")
    shutil.copytree(sound.folder, tmp_path / sound.name)
    checks = tmp_path / sound.name / "checks.py"
    text = checks.read_text()
    assert "def check_mean" in text
    checks.write_text(text.replace("def check_mean", "def unused_mean"))
    weak = read_exercise(tmp_path / sound.name)
    (whole,), (weakened,) = survivors([sound]), survivors([weak])
    # Along its only axis the mean is the same.
    same = [mutant.words.partition(":")[0] for mutant in whole.passed]
    assert same == ["`mean` ran over `dim=0`", "`mean` ran over `dim=-1`"]
    assert whole.num_mutants == weakened.num_mutants > 3
    assert {mutant.line for mutant in weakened.passed} == {11}
    assert {mutant.words.partition(":")[0] for mutant in weakened.passed} - set(same) == {
        "sum for mean",
        "without .mean()",
    }
