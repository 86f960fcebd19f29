"""The functions that lessons call: quote reference models, load networks, show exercises.

Importing this module sets torch to one thread: the lessons' networks are small, and a second thread
that waits for a busy core makes a step ten times slower.
"""

import base64
import os
from functools import partial
from typing import Any

import marimo as mo
import torch
from torch import nn

from torchcamp.base.files import regular_text
from torchcamp.course.content import Lesson, course
from torchcamp.course.exercise_editor import ExerciseInPage
from torchcamp.course.families import families_table
from torchcamp.course.glossary import with_terms
from torchcamp.course.judge.client import SOCKET, Judge
from torchcamp.course.networks import (
    anatomy,
    choice,
    own,
    own_class,
    shown,
    whose,
    workspace,
)
from torchcamp.course.progress import Progress
from torchcamp.course.quote import quote, quote_step
from torchcamp.data.images import Images, load_images, resolve_auto
from torchcamp.data.pictures import grid, png_bytes
from torchcamp.data.sequences import load_text
from torchcamp.evaluation.classifier_report import evaluate_classifier
from torchcamp.figures.arrays import signed_shares
from torchcamp.figures.draw_pad import NetworkOnPad
from torchcamp.figures.live_training import TrainingInPage
from torchcamp.pages.numbers import minutes_in_words
from torchcamp.pages.page import render_page
from torchcamp.recipes.trained import Trained
from torchcamp.widgets.question import Question

torch.set_num_threads(1)
judge = Judge(
    shared=os.environ.get(SOCKET)
)  # the server's, shared by all lessons; in Jupyter our own


def opening(name: str) -> Any:
    """The head of lesson `name`: its number, title and question, its minutes, what is solved."""
    lesson, number = course().lesson(name), _number(name)
    core = course().core(lesson)
    progress = Progress(workspace())
    done = sum(progress.standing(each).passed for each in lesson.exercises)
    time = minutes_in_words(course().core_minutes(lesson))
    whole = minutes_in_words(course().minutes(lesson))
    count = f"{len(core)} exercise{'' if len(core) == 1 else 's'}"
    return mo.md(
        f"""
<div class="lesson-head"><a href="./">← all lessons</a>
<span>Lesson {number} of {len(course().lessons)}</span>
<span>{time} with its {count}, {whole} with all the practice</span>
<span>{done} of {len(lesson.exercises)} exercises solved</span></div>

# {lesson.title}

**{lesson.question}**
"""
    )


def prose(text: str) -> Any:
    """Markdown with formulas; the glossary's terms in it explain themselves when pointed at."""
    titles = {lesson.name: lesson.title for lesson in course().lessons}
    return mo.Html(with_terms(mo.md(text).text, titles))


def more_practice(name: str) -> Any:
    """The exercises of lesson `name` beside its core, folded; one is open at a time."""
    progress = Progress(workspace())
    folded = {}
    for each in course().more_practice(course().lesson(name)):
        mark = "✓ " if progress.standing(each.name).passed else ""
        folded[f"{mark}{each.title} <small>{each.minutes} min</small>"] = partial(
            exercise, each.name
        )
    return mo.accordion(folded, lazy=True)


def closing(name: str) -> Any:
    """The end of lesson `name`: its cheat sheet, and the way on."""
    lesson = course().lesson(name)
    sheet = lesson.beside("cheat_sheet.md")
    on_one_page = (
        [
            mo.md("## On one page"),
            mo.Html(f'<div class="cheat-sheet">{mo.md(regular_text(sheet)).text}</div>'),
        ]
        if sheet
        else []
    )
    following = course().lessons[_number(name) : _number(name) + 1]
    links = [_link(each) for each in following] or ["This was the last lesson."]
    return mo.vstack(
        [
            *on_one_page,
            mo.Html(
                f'<div class="way-on">{"".join(links)}<a href="./">All lessons</a>'
                f'<a href="torchcamp/glossary">Glossary</a></div>'
            ),
        ]
    )


def _number(name: str) -> int:
    return 1 + [lesson.name for lesson in course().lessons].index(name)


def _link(lesson: Lesson) -> str:
    return (
        f'<a class="next" href="./?file={lesson.name}.py&amp;view-as=present">Next lesson: '
        f"{lesson.title} →</a>"
    )


def families_map() -> Any:
    """The generative models side by side, with what each draws."""
    return mo.Html(families_table())


def exercise(name: str) -> Any:
    """An editor for `answers/NAME.py`, with its check."""
    entry = course().find(name)
    in_page = ExerciseInPage(
        entry, workspace(), judge, statement=mo.md(entry.statement).text, thread=mo.Thread
    )
    return in_page.widget


def ask(name: str, prompt: str, options: list[str]) -> Any:
    """A question that the learner answers and commits to; stored in the progress under `name`."""
    progress = Progress(workspace())
    return Question(
        lambda chosen: progress.commit(name, options[chosen]),
        prompt=prompt,
        options=options,
        chosen=_index(options, progress.answer(name)),
    )


def ask_again(name: str, prompt: str, options: list[str], right: str, explanation: str) -> Any:
    """The same question after the lesson; the right answer appears once the learner has answered."""
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


def parameters(network: nn.Module) -> Any:
    """Each parameter's name, shape and size, as a table."""
    return mo.md(parameters_table(network))


def parameters_table(network: nn.Module) -> str:
    """The table of `parameters` in Markdown."""
    rows = [
        f"| `{name}` | `{tuple(p.shape)}` | {p.numel():,} |"
        for name, p in network.named_parameters()
    ]
    total = sum(p.numel() for p in network.parameters())
    head = ["| name | shape | numbers |", "| :--- | :--- | ---: |"]
    return "\n".join([*head, *rows, f"| total | | {total:,} |"])


def filters(network: nn.Module) -> Any:
    """The filters of the first convolution as pictures: orange above zero, blue below."""
    weight = next(m.weight for m in network.modules() if isinstance(m, nn.Conv2d)).detach()
    bytes_ = signed_shares(weight[:, 0])
    side, size = weight.shape[2], weight.shape[2] ** 2
    pictures = [bytes_[i : i + size] for i in range(0, len(bytes_), size)]
    cells = "".join(_squares(picture, side) for picture in pictures)
    return mo.Html(f'<div style="display: flex; flex-wrap: wrap; gap: 10px">{cells}</div>')


def _squares(picture: bytes, side: int) -> str:
    """One filter as an SVG of coloured squares; 128 is zero."""
    squares = "".join(
        f'<rect x="{i % side}" y="{i // side}" width="1.02" height="1.02" fill="'
        f'{"#fb923c" if value > 128 else "#6096ff"}" opacity="{abs(value - 128) / 127:.2f}"/>'
        for i, value in enumerate(picture)
    )
    return (
        f'<svg viewBox="0 0 {side} {side}" width="74" role="img" aria-label="a filter" '
        f'style="background: #161614; border-radius: 6px">{squares}</svg>'
    )


def wall(images: Images, per_class: int = 24) -> Any:
    """Training pictures side by side: one row for each class, as written by `per_class` people."""
    rows = [
        images.train_images[images.train_labels == label][:per_class]
        for label in range(images.num_classes)
    ]
    words = f"{per_class} training pictures of each of {', '.join(images.class_names)}"
    return _picture(png_bytes(grid(torch.cat(rows), per_class)), words)


def stored_picture(path: str, words: str) -> Any:
    """A picture of a training that takes too long for a page: a PNG at `path` in the lessons' folder.

    Args:
        path: such as `cgan/told.png`.
        words: what is seen in it, for those who cannot see it.
    """
    name, _, file = path.partition("/")
    return _picture(course().lesson(name).path.with_name(file).read_bytes(), words)


def _picture(png: bytes, words: str) -> Any:
    return mo.Html(
        f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}" alt="{words}" '
        'style="width: 100%; border-radius: 10px; image-rendering: pixelated">'
    )


def data_name() -> str:
    """The data set that `auto` means on this machine."""
    return resolve_auto("auto")


def pad(trained: Trained, caption: str, images: Images, num_examples: int = 30) -> NetworkOnPad:
    """A draw pad for `trained`; its example button steps through test images."""
    examples = [images.test_images[i].numpy().tobytes() for i in range(num_examples)]
    return NetworkOnPad(
        trained.network,
        class_names=list(images.class_names),
        examples=examples,
        caption=caption,
    )


def training(recipe: str, **options: Any) -> TrainingInPage:
    """Buttons and curves that train `recipe`; the run is saved in the workspace's runs."""
    return TrainingInPage(recipe, out=workspace() / "runs", thread=mo.Thread, **options)


def worst_mistakes(trained: Trained, images: Images) -> Any:
    """The test images that `trained` gets wrong, most confident first."""
    evaluation = evaluate_classifier(trained.network, images)
    section = dict(evaluation.sections)["evaluation/mistakes.html"]
    page = render_page("course/gallery.html", title="Its worst mistakes", section=section)
    # A screen reader says the title of a frame, for which marimo has no argument.
    frame = mo.iframe(page, height="auto").text
    return mo.Html(frame.replace("<iframe", '<iframe title="Its worst mistakes"', 1))


__all__ = [
    "anatomy",
    "ask",
    "ask_again",
    "choice",
    "closing",
    "data_name",
    "exercise",
    "families_map",
    "filters",
    "judge",
    "load_images",
    "load_text",
    "more_practice",
    "opening",
    "own",
    "own_class",
    "pad",
    "parameters",
    "prose",
    "quote",
    "quote_step",
    "shown",
    "stored_picture",
    "training",
    "wall",
    "whose",
    "workspace",
    "worst_mistakes",
]
