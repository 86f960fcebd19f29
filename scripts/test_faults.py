"""Inject every fault that has a test, and print how many were injected, survived and lost."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
EVERY_BAD_INVOCATION = TESTS / "cli" / "test_bad_invocations.py"  # most of it is marked slow


def fault_files() -> list[str]:
    """The test files that inject a fault."""
    found = [path for path in TESTS.rglob("test_*.py") if "mark.fault" in path.read_text("utf-8")]
    return sorted(str(path.relative_to(ROOT)) for path in {*found, EVERY_BAD_INVOCATION})


def main() -> int:
    """The exit code: 0 if no fault lost anything."""
    select = ["-m", "fault or slow", *fault_files()]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", *select]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(result.stdout, end="")
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", result.stdout)}
    survived, lost = counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)
    print(f"injected {survived + lost}, survived {survived}, lost {lost}")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
