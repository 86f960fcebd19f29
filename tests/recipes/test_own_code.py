"""What a learner's own recipe raises is told with the learner's line, and an exit is noticed."""

from pathlib import Path

import pytest

from tests.cli.program import one_line, torchcamp

HEAD = "import sys\nfrom dataclasses import dataclass, replace\nfrom torchcamp.recipes import mlp; from torchcamp.recipes.settings import hyperparameters\n"
RECIPE = """
@dataclass(frozen=True, kw_only=True)
class Mine(mlp.MLPRecipe):
    def {method}(self, *args, **kwargs):
        {line}

def f():
    own = mlp.default()
    return Mine(**{{k: getattr(own, k) for k in hyperparameters(own) if k != 'model'}} | {{"model": own.model}} | {{"data": "digits"}})
"""
BAD_STR = "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (HEAD + "sys.exit()\n", "left with sys.exit(None)"),
        (HEAD + "sys.exit(3)\n", "line 4: sys.exit(3)"),
        (HEAD + "def f():\n    quit()\n", "line 5: quit()"),
        (HEAD + "def f():\n    return 1 / 0\n", "mine.py, line 5: return 1 / 0"),
        (HEAD + BAD_STR + "def f():\n    raise Odd\n", "its message cannot be shown"),
        (HEAD + "class All:\n    __getattr__ = lambda *_: None\ndef f():\n    return All()\n", "no '"),
        *(
            (HEAD + RECIPE.format(method=method, line=line), f"line 8: {line}")
            for method in ("load", "for_data", "build", "evaluate", "network")
            for line in ("raise KeyError('x')", "sys.exit()")
        ),
    ],
)  # fmt: skip
def test_the_line_is_told(tmp_path: Path, source: str, words: str):
    (tmp_path / "mine.py").write_text(source)
    result = torchcamp("train", "mine.py:f", "--epochs", "1", cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert words in one_line(result)


def test_a_step_that_returns_nonsense_is_told(tmp_path: Path):
    (tmp_path / "mine.py").write_text(
        HEAD
        + RECIPE.format(
            method="build",
            line="return replace(super(Mine, self).build(*args, **kwargs), step=lambda batch: {'loss': 1.0})",
        )
    )
    result = torchcamp("train", "mine.py:f", "--epochs", "1", cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert "'float' object has no attribute 'detach'" in one_line(result)
