"""`torchcamp dev new`: the files of a new piece, complete enough for `dev check` to speak of them."""

import re
from pathlib import Path

from torchcamp.base.errors import UserError, suggest

EXERCISE = {
    "exercise.toml": """title = "TODO: what the learner finds out"
minutes = 10
concepts = ["TODO"]
reference = "models/cnn.py::CNN.forward"
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
    import marimo as mo

    from torchcamp import lesson

    return lesson, mo


@app.cell(hide_code=True)
def question(mo):
    mo.md("""
    # TODO: title

    TODO: **the question of the lesson.**
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
    lessons = package / "content" / "lessons"
    lesson, _, name = name.rpartition("/")
    if kind == "exercise" and not (lessons / lesson / "lesson.py").is_file():
        known = [path.parent.name for path in sorted(lessons.glob("*/lesson.py"))]
        hint = suggest(lesson, known, listed_as="Lessons")
        raise UserError(f"an exercise is named with its lesson, as in hmm/{name}. {hint}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UserError(f"{name!r} is not a module name: use lower-case letters, digits and _")
    title = "".join(part.capitalize() for part in name.split("_"))
    if kind == "exercise":
        folder = lessons / lesson / name
        files = {
            folder / path: text.replace("{name}", name).replace("{{", "{").replace("}}", "}")
            for path, text in EXERCISE.items()
        }
    elif kind == "lesson":
        folder = lessons / name
        files = {folder / "lesson.py": LESSON.replace("{name}", name)}
    else:
        files = {
            package / "models" / f"{name}.py": MODEL.replace("{name}", name).replace(
                "{Name}", title
            )
        }
    for path in files:
        if path.exists():
            raise UserError(f"{path} exists already")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)
