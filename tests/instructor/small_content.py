"""A content folder that is proved in a second: one lesson that shows one exercise of ours."""

import json
import shutil
from pathlib import Path

from torchcamp.course.content import course
from torchcamp.course.judge.behaviour import BEHAVIOURS, fingerprint


def write_content(folder: Path, name: str, *, translated: bool = False) -> Path:
    """Write the lesson `one` with a copy of the exercise `name`; returns the exercise's folder.

    Args:
        translated: with its translations.
    """
    lesson = folder / "lessons" / "one"
    lesson.mkdir(parents=True)
    (lesson / "lesson.py").write_text(f'lesson.exercise("{name}")\n')
    (folder / "course.toml").write_text(
        f'[[lesson]]\nname = "one"\ntitle = "t"\nquestion = "q"\nreading_minutes = 9\nexercises = ["{name}"]\n'
    )
    folder = Path(shutil.copytree(course().find(name).folder, lesson / name))
    for path in () if translated else folder.glob("*.de.*"):
        path.unlink()
    about = folder / "exercise.toml"
    about.write_text(about.read_text().replace("core = true\n", ""))
    return folder


def stamp_behaviours(exercise: Path) -> None:
    """Let an exercise's behaviours pass for those of the files that stand there now."""
    file = exercise / BEHAVIOURS
    made = json.loads(file.read_text()) | {"made_of": fingerprint(exercise)}
    file.write_text(json.dumps(made))
