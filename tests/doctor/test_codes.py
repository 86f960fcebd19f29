"""The list of codes."""

import ast
from pathlib import Path

import pytest

from torchcamp.base.errors import ReadError
from torchcamp.base.paths import PACKAGE
from torchcamp.doctor.codes import CODES, Code, find_code

ALL = list(CODES.values())


@pytest.mark.parametrize("code", ALL, ids=lambda code: code.code)
def test_every_code_is_explained(code: Code) -> None:
    assert code.severity in ("error", "warning", "note")
    assert (PACKAGE / "content/lessons" / code.lesson).exists()
    for example in (code.wrong, code.right):
        ast.parse(example)
    assert code.wrong != code.right
    assert code.effect.endswith(".")
    assert not code.mend.endswith(".")


def test_no_code_is_there_twice_and_none_is_orphaned() -> None:
    """A detector reports only codes that are explained, and each code has a detector."""
    room = PACKAGE / "doctor"
    texts = {path: path.read_text() for path in room.rglob("*.py") if path.name != "codes.py"}
    named = {
        node.value
        for text in texts.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert CODES.keys() <= named, CODES.keys() - named
    assert len(CODES) == Path(room / "codes.py").read_text().count("    Code(\n")


def test_an_unknown_code_gets_a_suggestion() -> None:
    assert find_code("eval-missing").severity == "error"
    with pytest.raises(ReadError, match="Did you mean 'eval-missing'"):
        find_code("eval-mising")
