"""What a lesson's cells call, for Jupyter and Colab: `lesson` and `mo` as the lessons know them.

Widgets are the same; what marimo alone can do is shown plainly: text as Markdown, a choice of networks
as the learner's newest, and a cell that depends on another runs again when its user runs it.
"""

import textwrap
from types import SimpleNamespace
from typing import Any

from torchcamp.course import lesson as in_marimo
from torchcamp.course.content import course
from torchcamp.course.exercise_editor import ExerciseInPage
from torchcamp.figures.live_training import TrainingInPage


class Text:
    """Markdown, shown as such by a notebook."""

    def __init__(self, text: str) -> None:
        self.text = textwrap.dedent(text).strip()

    def _repr_markdown_(self) -> str:
        return self.text


class Stack:
    """Several things under one another."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for item in self.items:
            display(item)


def exercise(name: str) -> Stack:
    """The statement, and an editor for `answers/NAME.py` with its check."""
    entry = course().find(name)
    in_page = ExerciseInPage(entry, in_marimo.workspace(), in_marimo.judge, statement="")
    return Stack([Text(entry.statement), in_page.widget])


def training(recipe: str, **options: Any) -> Any:
    """Buttons and curves that train `recipe`; the run is saved in the workspace's runs."""
    return TrainingInPage(recipe, out=in_marimo.workspace() / "runs", **options)


def state(value: Any, **options: Any) -> tuple[Any, Any]:
    """A value and its setter, as `mo.state` gives them; nothing runs by itself when it is set."""
    held = [value]

    def put(new: Any) -> None:
        held[0] = new

    return lambda: held[0], put


def _choice(whose: tuple[Any, str]) -> Text:
    return Text(f"Shown here: {whose[1]}.")


def _parameters(network: Any) -> Text:
    return Text(in_marimo.parameters_table(network))


mo = SimpleNamespace(md=Text, vstack=Stack, state=state)
lesson = SimpleNamespace(
    **{name: getattr(in_marimo, name) for name in in_marimo.__all__}
    | {
        "prose": Text,
        "exercise": exercise,
        "training": training,
        "whose": in_marimo.own,
        "choice": _choice,
        "shown": lambda whose: whose,
        "parameters": _parameters,
    }
)
