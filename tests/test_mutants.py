"""The table of planted mistakes fits the code: `make mutants` would try each of them."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "torchcamp"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "scripts" / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


MUTANTS = script()
TABLE = MUTANTS.read_table()


def test_every_mistake_can_be_planted():
    for mutant in TABLE:
        ast.parse(MUTANTS.mutated(mutant))  # a realistic mistake is still Python
        assert mutant.old != mutant.new
        for test in mutant.tests:
            assert (ROOT / "tests" / test.partition("::")[0]).exists(), f"{mutant.what}: {test}"
    assert len({(mutant.file, mutant.what) for mutant in TABLE}) == len(TABLE)


def test_the_table_is_large_and_reaches_every_room():
    assert len(TABLE) >= 60
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {mutant.room for mutant in TABLE} == rooms


def test_a_text_that_occurs_twice_or_never_is_refused(tmp_path: Path):
    (tmp_path / "a.py").write_text("x = 1\nx = 1\n")
    for old, count in (("x = 1", 2), ("y", 0)):
        mutant = MUTANTS.Mutant(what="w", file="a.py", old=old, new="", tests=())
        with pytest.raises(MUTANTS.Stale, match=f"occurs {count} times in a.py"):
            MUTANTS.mutated(mutant, tmp_path)
    gone = MUTANTS.Mutant(what="w", file="b.py", old="x", new="", tests=())
    with pytest.raises(MUTANTS.Stale, match=r"b\.py does not exist"):
        MUTANTS.mutated(gone, tmp_path)


@pytest.mark.parametrize(
    ("failed", "code"), [(["a"] * 10, 0), ([""] + ["a"] * 9, 0), (["", ""] + ["a"] * 8, 1)]
)
def test_nine_in_ten_must_be_found(
    failed: list[str], code: int, capsys: pytest.CaptureFixture[str]
):
    mutant = MUTANTS.Mutant(what="w", file="a.py", old="x", new="", tests=())
    same = MUTANTS.Mutant(what="w", file="a.py", old="x", new="", tests=(), why="equal")
    results = [(mutant, words, 1.0) for words in failed] + [(same, "", 1.0)]
    assert MUTANTS.report(iter(results)) == code
    killed = sum(map(bool, failed))
    assert f"{killed} of 10 killed, 1 equivalent, {10 - killed} survived" in capsys.readouterr().out
