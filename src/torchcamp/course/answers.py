"""The learner's answers: one file per exercise in `answers/`, and nowhere else."""

import time
from pathlib import Path

from torchcamp.base.files import save_text
from torchcamp.course.content import Exercise
from torchcamp.course.settings import MARK


def answer_path(workspace: Path, exercise: Exercise) -> Path:
    """The answer's file, created from the starter if it does not exist."""
    path = workspace / "answers" / f"{exercise.name}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_text(path, exercise.starter)
    return path


def reset(workspace: Path, exercise: Exercise) -> Path | None:
    """Replace the answer with the starter; returns the backup of the old one, if it differed."""
    path = answer_path(workspace, exercise)
    kept = (
        keep(workspace, exercise) if path.read_text(encoding="utf-8") != exercise.starter else None
    )
    save_text(path, exercise.starter)
    return kept


def keep(workspace: Path, exercise: Exercise, text: str | None = None) -> Path:
    """Copy the answer (or `text`) into `.torchcamp/backups/`; returns the copy."""
    if text is None:
        text = answer_path(workspace, exercise).read_text(encoding="utf-8")
    folder = workspace / MARK / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{exercise.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    number = 1
    while (path := folder / f"{stem}{f'-{number}' if number > 1 else ''}.py").exists():
        number += 1
    save_text(path, text)
    return path
