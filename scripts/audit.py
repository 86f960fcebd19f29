"""Look for known vulnerabilities of the pinned packages, where the package index can be asked.

pip-audit asks PyPI's JSON interface for each package. A mirror may not have it, and there may be no
network: then this says that it was not run. It fails only where it has found something.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PINS = ROOT / "constraints.txt"
PROBED = "click"  # the package that is asked for first, to see whether anybody answers
SECONDS_TO_PROBE = 15
SECONDS = 120


class NotRun(Exception):
    """Nobody could be asked; the message says why."""


def audited(pins: Path, seconds: int) -> list[dict[str, Any]]:
    """What pip-audit says of each package in a file of pins.

    Raises:
        NotRun: it is not installed, or has no answer in time.
    """
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(pins), "--no-deps", "--disable-pip",
        "--format", "json", "--progress-spinner", "off", "--timeout", "5",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise NotRun(f"the package index did not answer within {seconds} s") from error
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        last = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        raise NotRun(last[:200]) from error


def require_answer(pins: str) -> None:
    """Ask for one package.

    Raises:
        NotRun: nobody knows it, or see `audited`.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "probe.txt"
        lines = [line for line in pins.splitlines() if line.startswith(f"{PROBED}==")]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for each in audited(file, SECONDS_TO_PROBE):
            if "skip_reason" in each:
                raise NotRun(f"the package index has no advisories ({each['skip_reason']})")


def sentences(found: list[dict[str, Any]]) -> list[str]:
    """A line for each vulnerability."""
    return [
        f"{each['name']} {each['version']}: {flaw['id']}, "
        + (f"mended in {', '.join(flaw['fix_versions'])}" if flaw["fix_versions"] else "not mended")
        for each in found
        for flaw in each.get("vulns", [])
    ]


def main() -> int:
    """The exit code: 1 if a pinned package has a known vulnerability."""
    try:
        require_answer(PINS.read_text(encoding="utf-8"))
        found = audited(PINS, SECONDS)
    except NotRun as error:
        print(f"audit not run: {error}")
        return 0
    known = sentences(found)
    skipped = sum("skip_reason" in each for each in found)
    print(
        "\n".join(
            [*known, f"{len(found) - skipped} packages audited, {len(known)} vulnerabilities"]
        )
    )
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
