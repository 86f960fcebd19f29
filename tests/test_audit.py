"""`make check` fails for a package with a known vulnerability, and says so where it could not ask."""

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FINE = {"name": "click", "version": "8.5.1", "vulns": []}
FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["8.5.2"], "aliases": [], "description": "It leaks."}
UNKNOWN = {"name": "click", "skip_reason": "Dependency not found on PyPI"}


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "scripts" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answering(*answers: Any) -> Any:
    """Stands in for `subprocess.run`: pip-audit's answers, one after the other."""
    left = list(answers)

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        text = answer if isinstance(answer, str) else json.dumps({"dependencies": answer})
        return subprocess.CompletedProcess(command, 1, text, "" if text else "no route to host")

    return run


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ([[FINE], [FINE, FINE]], 0, "2 packages audited, 0 vulnerabilities"),
        ([[FINE], [FINE | {"vulns": [FLAW]}]], 1, "click 8.5.1: PYSEC-2026-1, mended in 8.5.2"),
        ([[FINE], [FINE, UNKNOWN]], 0, "1 packages audited, 0 vulnerabilities"),
        ([[UNKNOWN]], 0, "audit not run: the package index has no advisories"),
        ([""], 0, "audit not run: no route to host"),
        ([[FINE], ""], 0, "audit not run: no route to host"),
        (
            [subprocess.TimeoutExpired("x", 15)],
            0,
            "audit not run: the package index did not answer",
        ),
    ],
)
def test_what_is_found(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: list[Any],
    code: int,
    words: str,
):
    monkeypatch.setattr(audit.subprocess, "run", answering(*answers))
    assert audit.main() == code
    assert words in capsys.readouterr().out


def test_the_package_that_is_asked_for_first_is_pinned(audit: ModuleType):
    assert f"\n{audit.PROBED}==" in audit.PINS.read_text(encoding="utf-8")
