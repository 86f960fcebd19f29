"""What lessons use: quote the reference model, find the learner's own, show figures.

Importing this module sets one thread for torch: the networks of the lessons are small, and a
second thread that waits for a busy core makes a step ten times slower.
"""

import threading
from pathlib import Path
from typing import Any

import marimo as mo
import torch

from torchcamp.course.catalog import course
from torchcamp.course.checker import Judge
from torchcamp.course.in_page import ExerciseInPage
from torchcamp.course.live import NetworkOnPad, TrainingInPage
from torchcamp.course.progress import Progress
from torchcamp.course.workspace import find_workspace
from torchcamp.data.images import Images, load_images, resolve_auto
from torchcamp.evaluation.classifier_report import evaluate_classifier
from torchcamp.pages.page import render_page
from torchcamp.reading.page import render_function
from torchcamp.reading.reader import read
from torchcamp.reading.source import PACKAGE, source_of
from torchcamp.recipes.trained import Trained, load_trained, newest_run
from torchcamp.widgets.question import Question

torch.set_num_threads(1)
_judge = Judge()  # one for all exercises of a lesson; it loads torch when the first is shown


def quote(reference: str, call: Any = None, *inputs: Any) -> Any:
    """The lines of a symbol of ours, such as `models/cnn.py::CNN.forward`, as they are now.

    With a network, or a function, and its inputs, the symbol is read while `call(*inputs)` runs:
    each line stands beside the shapes that it made.
    """
    if call is not None:
        file, _, symbol = reference.partition("::")
        own = str(PACKAGE / file)
        reading = read(call, inputs, is_user=lambda name: name == own)
        if reading["crash"] is None:
            return mo.Html(render_function(reading, symbol, f"torchcamp/{reference}"))
    return mo.md(f"```python\n{source_of(reference)}\n```\n<small>`torchcamp/{reference}`</small>")


def workspace() -> Path:
    """The workspace that this lesson lies in."""
    return (
        find_workspace(Path(__file__).parent if mo.notebook_dir() is None else mo.notebook_dir())
        or Path.cwd()
    )


def own(name: str) -> tuple[Trained, str]:
    """The learner's newest trained `name`, otherwise the one that ships; and words saying which."""
    run = newest_run([workspace() / "runs"], recipe=name, need_weights=True)
    if run is not None:
        trained = load_trained(str(run))
        epochs = trained.recipe.epochs
        return trained, f"your {name.upper()}: {run.name}, {epochs} epochs on {trained.recipe.data}"
    trained = load_trained(name)
    accuracy = trained.description["measures"]["accuracy"]["value"]
    words = f"the {name.upper()} that ships: {100 * accuracy:.2f} % on MNIST's test images"
    return trained, words


def exercise(name: str) -> Any:
    """The editor on `answers/NAME.py`, with its check."""
    found = course().find(name)
    # The judge loads torch while the learner still reads.
    threading.Thread(target=_judge.warm, daemon=True).start()
    in_page = ExerciseInPage(
        found, workspace(), _judge, statement=mo.md(found.statement).text, thread=mo.Thread
    )
    return in_page.widget


def ask(name: str, prompt: str, options: list[str]) -> Any:
    """A question that the learner commits to; remembered in the progress under `name`."""
    progress = Progress(workspace())
    return Question(
        lambda chosen: progress.commit(name, options[chosen]),
        prompt=prompt,
        options=options,
        chosen=_index(options, progress.answer(name)),
    )


def ask_again(name: str, prompt: str, options: list[str], right: str, explanation: str) -> Any:
    """The same question after the lesson, with the answer once the learner has given theirs."""
    progress = Progress(workspace())
    return Question(
        lambda chosen: progress.commit(name, options[chosen], again=True),
        prompt=prompt,
        options=options,
        chosen=_index(options, progress.answer(name, again=True)),
        earlier=_index(options, progress.answer(name)),
        right=options.index(right),
        explanation=explanation,
    )


def _index(options: list[str], answer: str | None) -> int:
    return options.index(answer) if answer in options else -1


def data_name() -> str:
    """What `auto` stands for on this machine."""
    return resolve_auto("auto")


def pad(trained: Trained, words: str, images: Images, num_examples: int = 30) -> NetworkOnPad:
    """A draw pad in front of `trained`; its example button walks through test images."""
    examples = [images.test_images[i].numpy().tobytes() for i in range(num_examples)]
    return NetworkOnPad(
        trained.network,
        class_names=list(images.class_names),
        examples=examples,
        caption=words,
    )


def training(recipe: str, **options: Any) -> TrainingInPage:
    """Buttons and curves that train `recipe` into the workspace's runs."""
    return TrainingInPage(recipe, out=workspace() / "runs", thread=mo.Thread, **options)


def worst_mistakes(trained: Trained, images: Images) -> Any:
    """The test images that `trained` is wrong about, the surest first."""
    evaluation = evaluate_classifier(trained.network, images)
    section = dict(evaluation.sections)["mistakes.html"]
    return mo.iframe(
        render_page("gallery.html", title="Its worst mistakes", section=section), height="auto"
    )


__all__ = [
    "ask",
    "ask_again",
    "data_name",
    "exercise",
    "load_images",
    "own",
    "pad",
    "quote",
    "training",
    "workspace",
    "worst_mistakes",
]
