"""Run a card's command again, and report whether its measures agree within their spread.

    python scripts/remake_weights.py NAME [--keep DIR]

The package is not changed. Measures agree if they differ by at most four standard errors of their
difference, or by the spread over seeds given on the card, whichever is larger.
"""

import math
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any

from torchcamp.cli.main import run as torchcamp
from torchcamp.recipes.trained import card, shipped_names
from torchcamp.training.run_folder import RunFolder

NUM_ERRORS = 4
SAME = 1e-4  # allowed difference of a measure without an error


def disagreements(
    card: dict[str, dict[str, Any]],
    again: dict[str, dict[str, Any]],
    spread: dict[str, float] | None = None,
) -> list[str]:
    """One line for each measure that differs from the card's by more than chance explains."""
    lines = []
    for name, old in card.items():
        new = again[name]
        error = math.hypot(old["error"] or 0.0, new["error"] or 0.0)
        allowed = max(NUM_ERRORS * error, (spread or {}).get(name, 0.0), SAME)
        difference = abs(new["value"] - old["value"])
        if not difference <= allowed:
            lines.append(
                f"{name}: {new['value']:.5g} now, {old['value']:.5g} on the card "
                f"(difference {difference:.2g}, allowed {allowed:.2g})"
            )
    return lines


def remake(name: str, out: Path) -> int:
    """Train `name` with its card's command; 0 if the measures agree, 1 if they do not."""
    known = card(name)
    command = shlex.split(known["command"])
    print(shlex.join(command), flush=True)
    code = torchcamp([*command[1:], "--out", str(out)])
    if code:
        return code
    run = RunFolder.open(next(iter(sorted(out.iterdir()))))
    again = run.description()["measures"]
    lines = disagreements(known["measures"], again, known.get("spread"))
    for line in lines:
        print(line)
    print(f"{name}: " + ("the measures differ" if lines else "all measures agree with the card"))
    return 1 if lines else 0


if __name__ == "__main__":
    names = sys.argv[1:2]
    if not names or names[0] not in shipped_names():
        sys.exit(f"usage: remake_weights.py NAME [--keep DIR]; NAME: {', '.join(shipped_names())}")
    if "--keep" in sys.argv:
        sys.exit(remake(names[0], Path(sys.argv[sys.argv.index("--keep") + 1])))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(remake(names[0], Path(folder)))
