"""`torchcamp dev new`: the files of a new piece, complete enough for `dev check` to speak of them."""

import re
import tomllib
from pathlib import Path

from torchcamp.base.errors import ContentError, UserError, suggest
from torchcamp.base.files import regular_text
from torchcamp.course.content import NAME, local_content, read_lessons

NEXT = {
    "exercise": "name it in content/course.toml and show it in its lesson; then torchcamp dev check",
    "lesson": "add it to content/course.toml; then make check",
    "model": "add its recipe and its tests, as CONTRIBUTING.md says",
}
NEXT_OWN = {
    "exercise": "write what says TODO, then: torchcamp dev check --content {folder}",
    "lesson": "write what says TODO, then: torchcamp dev new exercise {name}/NAME --content {folder}",
}
COURSE = """# Content of one's own for torchcamp.
title = "TODO: what the home page calls it"
extends = "torchcamp"  # on top of torchcamp's own lessons; without this line, instead of them
"""
ENTRY = """
[[lesson]]
name = "{name}"
title = "TODO: its title"
question = "TODO: the question that it answers"
reading_minutes = 10
exercises = []
"""

EXERCISE = {
    "exercise.toml": """title = "TODO: what the learner finds out"
minutes = 10
concepts = ["TODO"]
reference = "models/cnn.py::CNN.forward"  # where torchcamp itself needs it
hints = ["TODO: the gentlest hint first"]
""",
    "statement.md": """TODO: what to build, why it matters, and one worked number.
""",
    "starter.py": '''def {name}(x: float) -> float:
    """TODO: what it returns, with shapes and units."""
    # TODO: what to write here
    raise NotImplementedError
''',
    "solution.py": '''def {name}(x: float) -> float:
    """TODO: what it returns, with shapes and units."""
    return x
''',
    "checks.py": '''"""TODO: from cause to symptom; the first check that fails speaks."""

import torch


def check_value(submission):
    """One sentence that a learner can act on."""
    returned = submission.{name}(2.0)
    assert returned == 2.0, f"`{name}(2.0)` returned {{returned!r}}; 2.0 is right."


def observe(submission, rng):
    return [submission.{name}(float(x)) for x in torch.rand(5, generator=rng)]
''',
    "misconceptions.md": """## wrong_sign

Caught by `check_value`.

TODO: what its author thought, and why it is not so.

```diff
-    return x
+    return -x
```
""",
}

LESSON = '''import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="TODO", css_file="course.css")


@app.cell(hide_code=True)
def imports():
    from torchcamp import lesson

    return (lesson,)


@app.cell(hide_code=True)
def opening(lesson):
    lesson.opening("{name}")
    return


@app.cell(hide_code=True)
def introduction(lesson):
    lesson.prose("""
    TODO: what it is about, in a few sentences.
    """)
    return


@app.cell(hide_code=True)
def first_guess(lesson):
    prompt = "TODO: what the learner commits to, before anything is shown"
    options = ["TODO: one answer", "TODO: another"]
    lesson.ask("{name}", prompt, options)
    return options, prompt


@app.cell(hide_code=True)
def mechanism(lesson):
    lesson.quote("models/cnn.py::CNN.forward")
    return


@app.cell(hide_code=True)
def last_answer(lesson, options, prompt):
    lesson.ask_again(
        "{name}",
        prompt,
        options,
        right=options[0],
        explanation="TODO: why, with a number that was measured and its command",
    )
    return


@app.cell(hide_code=True)
def practice(lesson):
    lesson.more_practice("{name}")
    return


@app.cell(hide_code=True)
def way_on(lesson):
    lesson.closing("{name}")
    return


if __name__ == "__main__":
    app.run()
'''

MODEL = '''"""TODO: what it is, in one sentence.

TODO: the formula, its source with section, and what the letters mean.

Shapes: B = batch
"""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.optim import Optimizer

@dataclass(frozen=True, kw_only=True)
class {Name}Config:
    num_pixels: int = 784


# --- The network -----------------------------------------------------------------------


class {Name}(nn.Module):
    def __init__(self, config: {Name}Config) -> None:
        super().__init__()
        self.config = config


# --- Its loss --------------------------------------------------------------------------


# --- Its training step -----------------------------------------------------------------


def train_step({name}: {Name}, optimizer: Optimizer, batch: Tensor) -> dict[str, Tensor]:
    raise NotImplementedError
'''


def require_checkout(package: Path) -> None:
    """Refuse to write into a package that is installed: an update would remove what was written.

    Raises:
        UserError: `package` is not `src/torchcamp` of a checkout.
    """
    if not (package.parent.name == "src" and (package.parents[1] / "pyproject.toml").is_file()):
        raise UserError(
            f"{package} is an installed package: course content is written in a checkout of torchcamp's "
            "source, as CONTRIBUTING.md says; a model of your own begins with: torchcamp new NAME"
        )


def begin(kind: str, name: str, package: Path) -> list[Path]:
    """Write the files of a new `exercise`, `lesson` or `model` called `name` into `package`.

    Args:
        name: of an exercise with its lesson's, as in `hmm/viterbi`.

    Raises:
        UserError: not a name for a Python module, no such lesson, or there is one already.
    """
    if kind != "model":
        return _write(_files(kind, name, package / "content" / "lessons"))
    _require_name(name)
    title = "".join(part.capitalize() for part in name.split("_"))
    text = MODEL.replace("{name}", name).replace("{Name}", title)
    return _write({package / "models" / f"{name}.py": text})


def begin_own(kind: str, name: str, folder: Path) -> list[Path]:
    """Write the files of a new `exercise` or `lesson` into a content folder, and name it in its
    `course.toml`, which the first lesson begins.

    Args:
        name: of an exercise with its lesson's, as in `first/doubling`.

    Raises:
        UserError: as `begin`, or the name is one of ours, on which the content stands.
        ContentError: `course.toml` cannot be read, or is laid out so that it must be changed by hand.
    """
    if kind == "model":
        raise UserError(
            "content holds lessons and exercises; a model begins with: torchcamp new NAME"
        )
    path = folder / "course.toml"
    text = regular_text(path) if path.exists() else COURSE
    files = _files(kind, name, folder / "lessons")
    lesson, _, plain = name.rpartition("/")
    if "extends" in _parsed(path, text):
        ours = read_lessons(local_content("torchcamp"))
        if plain in {each for known in ours for each in (known.name, *known.exercises)}:
            raise UserError(f"{plain!r} is a name of torchcamp's own course; choose another")
    added = (
        f"{text.rstrip()}\n{ENTRY.replace('{name}', plain)}"
        if kind == "lesson"
        else _with_exercise(path, text, lesson, plain)
    )
    _parsed(path, added)
    written = _write(files)
    path.write_text(added, encoding="utf-8")
    return [*written, path]


def _parsed(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path}: {error}") from error


def _with_exercise(path: Path, text: str, lesson: str, name: str) -> str:
    """`course.toml` with the exercise `name` at the end of its lesson's list."""
    blocks = re.split(r"(?m)^(?=\[\[lesson\]\])", text)
    for number, block in enumerate(blocks):
        if not re.search(rf'(?m)^name = "{lesson}"\s*$', block):
            continue
        listed = re.search(r"(?m)^exercises = \[([^\]#]*)\]", block)
        if listed:
            names = [*re.findall(r'"(\w+)"', listed[1]), name]
            lines = "".join(f'    "{each}",\n' for each in names)
            blocks[number] = (
                f"{block[: listed.start()]}exercises = [\n{lines}]{block[listed.end() :]}"
            )
            return "".join(blocks)
    raise ContentError(
        f'{path}: add "{name}" to the exercises of lesson {lesson} by hand, then again'
    )


def _files(kind: str, name: str, lessons: Path) -> dict[Path, str]:
    """Path -> text of a new exercise or lesson below the folder `lessons`."""
    lesson, _, name = name.rpartition("/")
    if kind == "exercise" and not (lesson and (lessons / lesson / "lesson.py").is_file()):
        known = [path.parent.name for path in sorted(lessons.glob("*/lesson.py"))]
        hint = suggest(lesson, known, listed_as="Lessons")
        raise UserError(f"an exercise is named with its lesson, as in hmm/{name}. {hint}")
    _require_name(name)
    if kind == "lesson":
        return {lessons / name / "lesson.py": LESSON.replace("{name}", name)}
    return {
        lessons / lesson / name / path: text.replace("{name}", name)
        .replace("{{", "{")
        .replace("}}", "}")
        for path, text in EXERCISE.items()
    }


def _require_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} is not a module name: use lower-case letters, digits and _")


def _write(files: dict[Path, str]) -> list[Path]:
    for path in files:
        if path.exists():
            raise UserError(f"{path} exists already")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)
