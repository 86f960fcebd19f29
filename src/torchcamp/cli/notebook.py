"""`torchcamp notebook` and `torchcamp slides`"""

import json
from pathlib import Path

import click

from torchcamp.base.files import save_text
from torchcamp.base.terminal import echo
from torchcamp.cli.content import for_learners
from torchcamp.cli.shared import say


@click.command("notebook")
@click.argument("lesson")
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="[default: LESSON.ipynb]",
)  # fmt: skip
@for_learners
def notebook(lesson: str, output: Path | None) -> int:
    """Write a lesson as a Jupyter notebook, for JupyterLab or Colab.

    It has the same text, pictures, figures and checks. LESSON is a name, as in `torchcamp notebook cnn`;
    `all` writes every lesson into the current folder.
    """
    from torchcamp.course.content import course
    from torchcamp.course.notebook import notebook as as_notebook

    lessons = course().lessons if lesson == "all" else (course().lesson(lesson),)
    if output and len(lessons) > 1:
        raise click.UsageError("-o names one file; leave it out to write all lessons here")
    for each in lessons:
        text = json.dumps(as_notebook(each), indent=1, ensure_ascii=False) + "\n"
        echo(_write(output or Path(f"{each.name}.ipynb"), text))
    say("open it with: jupyter lab, or upload it to Colab")
    return 0


@click.command("slides")
@click.argument("lesson")
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="[default: LESSON-slides.html]",
)  # fmt: skip
@for_learners
def slides(lesson: str, output: Path | None) -> int:
    """Write a lesson as slides: one HTML file with the picture to step through, for a projector.

    LESSON is a name, as in `torchcamp slides cnn`.
    """
    from torchcamp.course.content import course
    from torchcamp.course.slides import slides as as_slides

    each = course().lesson(lesson)
    echo(_write(output or Path(f"{each.name}-slides.html"), as_slides(each)))
    say("open it in a browser; the arrow keys turn the slides")
    return 0


def _write(path: Path, text: str) -> Path:
    save_text(path, text)
    return path
