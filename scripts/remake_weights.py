"""Run a card's command again, and say whether its measures agree within their spread.

    python scripts/remake_weights.py NAME [--keep DIR]

Nothing in the package is changed. Measures agree when they differ by at most four standard errors
of their difference, or by the spread over seeds that the card names, whichever is larger.
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
SAME = 1e-4  # of a measure without an error


def disagreements(
    card: dict[str, dict[str, Any]],
    again: dict[str, dict[str, Any]],
    spread: dict[str, float] | None = None,
) -> list[str]:
    """A line for each measure that is farther from the card's than chance explains."""
    lines = []
    for name, old in card.items():
        new = again[name]
        error = math.hypot(old["error"] or 0.0, new["error"] or 0.0)
        allowed = max(NUM_ERRORS * error, (spread or {}).get(name, 0.0), SAME)
        difference = abs(new["value"] - old["value"])
        if not difference <= allowed:
            lines.append(
                f"{name}: {new['value']:.5g} again, {old['value']:.5g} on the card "
                f"(apart {difference:.2g}, allowed {allowed:.2g})"
            )
    return lines


def remake(name: str, out: Path) -> int:
    """Train `name` by its card; 0 where it agrees, 1 where it does not."""
    known = card(name)
    words = shlex.split(known["command"])
    print(shlex.join(words), flush=True)
    code = torchcamp([*words[1:], "--out", str(out)])
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
        sys.exit(f"name one of the models that ship: {', '.join(shipped_names())}")
    if "--keep" in sys.argv:
        sys.exit(remake(names[0], Path(sys.argv[sys.argv.index("--keep") + 1])))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(remake(names[0], Path(folder)))
