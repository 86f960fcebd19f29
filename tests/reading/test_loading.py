"""The definition slice keeps what a target needs, and says what it left out."""

from pathlib import Path

import pytest

from torchcamp.base.errors import ReadError
from torchcamp.reading.loading import load


def write(tmp_path: Path, text: str, name: str = "code.py") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_only_what_is_needed_runs(tmp_path: Path):
    path = write(
        tmp_path,
        "import math\nlog = []\nlog.append('kept: it fills what is kept')\nwidth = 3\n"
        "unused = 1 / 0\ndef helper():\n    unused = width\n    return log, unused\n"
        "for i in range(3):\n    raise RuntimeError\nraise RuntimeError\n",
    )
    loaded = load(f"{path}:helper")
    assert loaded.value() == (["kept: it fills what is kept"], 3)
    assert [first for first, _, _ in loaded.skipped] == [1, 5, 9, 11]
    assert loaded.num_kept == 4


def test_a_local_name_is_not_a_global_one(tmp_path: Path):
    path = write(
        tmp_path,
        "def load_labels():\n    raise RuntimeError('read a file')\nlabels = load_labels()\n"
        "def f():\n    labels = 1\n    return labels\n",
    )
    assert load(f"{path}:f").value() == 1


def test_bases_decorators_defaults_and_annotations_are_needed(tmp_path: Path):
    path = write(
        tmp_path,
        "from dataclasses import dataclass\ndef mark(f):\n    return f\nDEFAULT = 2\n"
        "@dataclass\nclass Config:\n    width: int = DEFAULT\nclass Base:\n    pass\n"
        "class Net(Base):\n    @mark\n    def __init__(self, config: Config, n=DEFAULT):\n"
        "        self.n = n\n",
    )
    loaded = load(f"{path}:Net")
    assert loaded.skipped == []
    assert loaded.value(loaded.namespace["Config"]()).n == 2


def test_names_of_the_main_guard_are_used_only_where_no_other_binds_them(tmp_path: Path):
    path = write(
        tmp_path,
        "width = 2\ndef f():\n    return width, depth\n"
        "if __name__ == '__main__':\n    depth = 7\n    width = 99\n    f(1, 2, 3)\n",
    )
    assert load(f"{path}:f").value() == (2, 7)


def test_star_imports_and_expressions(tmp_path: Path):
    path = write(tmp_path, "from math import *\nextra = 5\ndef f():\n    return floor(2.5)\n")
    assert load(f"{path}:f").value() == 2
    assert "extra" not in load(f"{path}:f").namespace
    assert load(f"{path}:f", expressions=["extra + 1"]).namespace["extra"] == 5


def test_future_annotations_and_nested_names(tmp_path: Path):
    path = write(
        tmp_path,
        "from __future__ import annotations\nclass A:\n    class B:\n"
        "        def f(self, x: Unknown) -> Unknown:\n            return x\n",
    )
    assert load(f"{path}:A.B").value().f(3) == 3


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("x = 1\n", "Net", "code.py has no 'Net'"),
        ("class Net:\n    pass\n", "Nett", "has no 'Nett'. Did you mean 'Net'?"),
        ("def f(:\n", "f", "is not Python"),
        ("bad = 1 / 0\ndef f():\n    return bad\n", "f", "code.py:1: ZeroDivisionError"),
        ("import not_there\ndef f():\n    return not_there\n", "f", "needs not_there"),
    ],
)
def test_what_cannot_be_loaded(tmp_path: Path, text: str, name: str, words: str):
    path = write(tmp_path, text)
    with pytest.raises(ReadError) as caught:
        load(f"{path}:{name}")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_targets_that_name_nothing():
    for target in ("no_such_file.py:Net", "no.such.module:Net", "Net", ":Net", "a.py:1 + 1"):
        with pytest.raises(ReadError):
            load(target)


def test_a_misspelt_name_of_a_module_is_answered_with_the_nearest():
    with pytest.raises(ReadError, match=r"torch\.nn has no 'Linaer'\. Did you mean 'Linear'\?$"):
        load("torch.nn:Linaer")
    with pytest.raises(ReadError, match=r"torch\.nn has no 'zzz'\.$"):
        load("torch.nn:zzz")
