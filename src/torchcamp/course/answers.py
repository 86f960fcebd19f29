"""The learner's answers: one file per exercise in `answers/`, and nowhere else."""

import time
from pathlib import Path

from torchcamp.base.files import MOST_SOURCE, regular_bytes, save_text, write_atomically
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
    kept = None
    if regular_bytes(path, MOST_SOURCE) != exercise.starter.encode():
        kept = keep(workspace, exercise)
    save_text(path, exercise.starter)
    return kept


def keep(workspace: Path, exercise: Exercise, text: str | None = None) -> Path:
    """Copy the answer (or `text`) into `.torchcamp/backups/`; returns the copy."""
    if text is None:  # it need not be UTF-8
        content = regular_bytes(answer_path(workspace, exercise), MOST_SOURCE)
    else:
        content = text.encode("utf-8", "backslashreplace")
    folder = workspace / MARK / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{exercise.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    number = 1
    while (path := folder / f"{stem}{f'-{number}' if number > 1 else ''}.py").exists():
        number += 1
    write_atomically(path, lambda part: part.write_bytes(content))
    return path
