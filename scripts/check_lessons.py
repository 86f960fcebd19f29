"""Check every lesson with `marimo check --strict` and run it from top to bottom: once with the
starters, once with our solutions recorded as passed."""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

from torchcamp import lesson as _lesson  # noqa: F401 - loaded once, for every fork
from torchcamp.course.content import course, lessons
from torchcamp.course.judge.client import Verdict
from torchcamp.course.progress import Progress
from torchcamp.course.workspace import prepare_workspace


def main() -> int:
    all_lessons = lessons()  # raises if there are none
    with tempfile.TemporaryDirectory() as folder:
        copies = [
            prepare_workspace(Path(folder)) / "lessons" / f"{lesson.name}.py"
            for lesson in all_lessons
        ]
        check = [sys.executable, "-m", "marimo", "check", "--strict", *map(str, copies)]
        if subprocess.run(check).returncode != 0:
            return 1
        if not _run(copies, "with the starters"):
            return 1
        workspace = copies[0].parent.parent
        progress = Progress(workspace)
        for exercise in course().exercises.values():  # `dev check` proves that they pass
            (workspace / "answers" / f"{exercise.name}.py").write_text(exercise.solution)
            progress.record(Verdict(exercise=exercise.name, verdict="pass"), exercise.solution)
        if not _run(copies, "with the solutions"):
            return 1
    print(f"{len(all_lessons)} lesson{'s' if len(all_lessons) > 1 else ''} checked and run")
    return 0


def _run(copies: list[Path], words: str) -> bool:
    """Run each lesson from top to bottom as a script, two at a time.

    Each in a fork of this process, which has loaded torch and marimo: that takes longer than most
    lessons.
    """
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        well = pool.map(_ends_well, copies, chunksize=1)
    for copy, good in zip(copies, well, strict=True):
        if not good:
            print(f"{copy.name} does not run from top to bottom {words}")
    return all(well)


def _ends_well(copy: Path) -> bool:
    os.chdir(copy.parent)
    sys.argv = [str(copy)]
    try:
        runpy.run_path(str(copy), run_name="__main__")
    except (Exception, SystemExit):
        traceback.print_exc()
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
