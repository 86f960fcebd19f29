"""What the doctor is judged by: right scripts in the styles that people write, and bugs planted in them.

A planted bug is one edit of a right script (planted/*.toml). The quick suite tries every sixth right
script and one bug of each kind; all of them are tried in the slow one.
"""

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.zygote import Zygote
from torchcamp.doctor.codes import CODES
from torchcamp.doctor.diagnose import CONSEQUENCES
from torchcamp.doctor.diagnosis import Diagnosis

HERE = Path(__file__).parent
CLEAN = sorted(
    path.relative_to(HERE / "clean")
    for path in (HERE / "clean").iterdir()
    if path.suffix in (".py", ".ipynb")
)
# Every sixth one in the quick suite, the others in the slow one.
QUICK = [
    pytest.param(script, marks=[pytest.mark.slow] * (number % 6 != 0))
    for number, script in enumerate(CLEAN)
]
PLANTED: list[dict[str, Any]] = [
    bug
    for file in sorted((HERE / "planted").glob("*.toml"))
    for bug in tomllib.loads(file.read_text())["planted"]
]
FIRST = {bug["code"]: bug for bug in reversed(PLANTED)}
RECALL = 0.95  # of the planted bugs


def mutant(bug: dict[str, Any]) -> str:
    """The script with the bug in it."""
    source = (HERE / "clean" / bug["script"]).read_text()
    assert source.count(bug["old"]) == 1, bug
    return source.replace(bug["old"], bug["new"])


def diagnosed(zygote: Zygote, folder: Path, name: str, source: str) -> Diagnosis:
    root = folder / "root"
    root.mkdir(parents=True)
    (root / name).write_text(source)
    return zygote.diagnose(name, folder / "doctor", root)


def test_there_are_enough_of_both() -> None:
    assert len(CLEAN) >= 40
    for code in CODES:
        scripts = [bug["script"] for bug in PLANTED if bug["code"] == code]
        assert len(scripts) >= 3, code


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: f"{bug['code']}-{bug['script']}")
def test_each_edit_fits_and_is_python(bug: dict[str, Any]) -> None:
    source = mutant(bug)
    if bug["script"].endswith(".py"):
        assert ast.dump(ast.parse(source)) != ast.dump(
            ast.parse((HERE / "clean" / bug["script"]).read_text())
        )


@pytest.mark.parametrize("script", QUICK, ids=str)
def test_a_right_script_has_no_finding(zygote: Zygote, tmp_path: Path, script: Path) -> None:
    diagnosis = diagnosed(zygote, tmp_path, script.name, (HERE / "clean" / script).read_text())
    assert [
        f"{each.line} {each.code}" for each in diagnosis.findings if each.severity != "note"
    ] == []
    assert not [each for each in diagnosis.not_watched if "a bug in torchcamp" in each]
    assert diagnosis.watched.ended == "end"


@pytest.mark.parametrize("bug", FIRST.values(), ids=lambda bug: bug["code"])
def test_a_bug_of_each_kind_is_found(zygote: Zygote, tmp_path: Path, bug: dict[str, Any]) -> None:
    diagnosis = diagnosed(zygote, tmp_path, bug["script"], mutant(bug))
    codes = {each.code for each in diagnosis.findings}
    assert bug["code"] in codes
    assert codes.isdisjoint(CONSEQUENCES.get(bug["code"], ()))


@pytest.mark.slow
def test_recall(zygote: Zygote, tmp_path: Path) -> None:
    missed = []
    for number, bug in enumerate(PLANTED):
        diagnosis = diagnosed(zygote, tmp_path / str(number), bug["script"], mutant(bug))
        if bug["code"] not in [each.code for each in diagnosis.findings]:
            missed.append((bug["code"], bug["script"]))
    assert len(missed) <= (1 - RECALL) * len(PLANTED), missed
