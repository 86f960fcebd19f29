"""Hold every lesson against marimo's own rules, strictly, and run it from top to bottom."""

import subprocess
import sys
import tempfile
from pathlib import Path

from torchcamp.course.catalog import lessons
from torchcamp.course.workspace import prepare_workspace


def main() -> int:
    found = lessons()  # raises when there are none
    with tempfile.TemporaryDirectory() as folder:
        copies = [
            prepare_workspace(Path(folder)) / "lessons" / f"{lesson.name}.py" for lesson in found
        ]
        check = [sys.executable, "-m", "marimo", "check", "--strict", *map(str, copies)]
        if subprocess.run(check).returncode != 0:
            return 1
        for copy in copies:
            if subprocess.run([sys.executable, str(copy)], cwd=copy.parent).returncode != 0:
                print(f"{copy.name} does not run from top to bottom")
                return 1
    print(f"{len(found)} lesson{'s' if len(found) > 1 else ''} checked and run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
