"""A content folder that is proved in a second: one lesson that shows one exercise of ours."""

import shutil
from pathlib import Path

from torchcamp.course.content import course


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
