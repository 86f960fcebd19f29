"""Inject every fault that has a test, and print how many were injected, survived and lost, and how
long that took."""

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
MOST_MINUTES = 15
EVERY_BAD_INVOCATION = TESTS / "cli" / "test_bad_invocations.py"  # most of it is marked slow


def fault_files() -> list[str]:
    """The test files that inject a fault."""
    found = [path for path in TESTS.rglob("test_*.py") if "mark.fault" in path.read_text("utf-8")]
    return sorted(str(path.relative_to(ROOT)) for path in {*found, EVERY_BAD_INVOCATION})


def main() -> int:
    """The exit code: 0 if no fault lost anything."""
    select = ["-m", "fault or slow", *fault_files()]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", *select]
    began, last = time.monotonic(), ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        for line in tests.stdout or ():
            print(line, end="", flush=True)
            last = line
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", last)}
    survived, lost = counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)
    minutes = (time.monotonic() - began) / 60
    print(
        f"injected {survived + lost}, survived {survived}, lost {lost}, in {minutes:.1f} minutes "
        f"(at most {MOST_MINUTES} on two cores)"
    )
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
