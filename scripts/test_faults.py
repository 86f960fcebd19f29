"""Inject every fault that has a test, and print how many were injected, survived and lost."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = (
    "cli/test_faults.py",
    "cli/test_bad_invocations.py",
    "course/test_sitting_faults.py",
    "course/test_hostile.py",
    "training/test_distributed_faults.py",
)
TESTS = ["-m", "fault or slow", *(f"tests/{file}" for file in FILES)]


def main() -> int:
    """The exit code: 0 if no fault lost anything."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", *TESTS]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(result.stdout, end="")
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", result.stdout)}
    survived, lost = counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)
    print(f"injected {survived + lost}, survived {survived}, lost {lost}")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
