"""`torchcamp new`: a small project for a model of the learner's own."""

from pathlib import Path

import click

from torchcamp.base.terminal import echo
from torchcamp.cli.shared import say


@click.command("new")
@click.argument("name")
@click.option(
    "--in",
    "parent",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to create the project's folder.  [default: here]",
)
def command(name: str, parent: Path) -> int:
    """Start a model of your own: model, recipe, test and README in one folder, nothing to install."""
    from torchcamp.course.project import begin_project

    written = begin_project(name, parent)
    for path in written:
        echo(path)
    folder = written[0].parent
    say(f"next: torchcamp train {folder}/recipe.py:quick, then open {folder}/model.py")
    return 0
