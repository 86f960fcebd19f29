"""What lessons use: quote the reference model, find the learner's own, show figures.

Importing this module sets one thread for torch: the networks of the lessons are small, and a
second thread that waits for a busy core makes a step ten times slower.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import marimo as mo
import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.catalog import course
from torchcamp.course.checker import Judge
from torchcamp.course.checks import load
from torchcamp.course.figures.anatomy import anatomy as open_network
from torchcamp.course.in_page import ExerciseInPage
from torchcamp.course.live import NetworkOnPad, TrainingInPage
from torchcamp.course.progress import Progress
from torchcamp.course.seeing import signed_shares
from torchcamp.course.workspace import find_workspace
from torchcamp.data.images import Images, load_images, resolve_auto
from torchcamp.data.sequences import load_text
from torchcamp.evaluation.classifier_report import evaluate_classifier
from torchcamp.pages.page import render_page
from torchcamp.reading.page import render_function, render_source
from torchcamp.reading.reader import read
from torchcamp.reading.source import PACKAGE, source_of
from torchcamp.recipes.recipe import RecipeError
from torchcamp.recipes.trained import Trained, load_trained, newest_run
from torchcamp.training.run_folder import RunError
from torchcamp.widgets.question import Question

torch.set_num_threads(1)
WARM_SECONDS = 4.0  # after which the page stands, and the processor is free for the judge
judge = Judge()  # one for all exercises of a lesson; it loads torch when the first is shown


def quote(reference: str, call: Any = None, *inputs: Any, tape: bool = False) -> Any:
    """The lines of a symbol of ours, such as `models/cnn.py::CNN.forward`, as they are now.

    With a network, or a function, and its inputs, the symbol is read while `call(*inputs)` runs:
    each line stands beside the shapes that it made and its FLOPs or, with `tape`, its nodes.
    """
    if call is not None:
        file, _, symbol = reference.partition("::")
        own = str(PACKAGE / file)
        reading = read(call, inputs, is_user=lambda name: name == own)
        if reading.crash is None:
            return mo.Html(render_function(reading, symbol, f"torchcamp/{reference}", tape=tape))
    return mo.Html(render_source(source_of(reference), f"torchcamp/{reference}"))


def quote_step(reference: str, step: Any, networks: list[nn.Module], batch: Any) -> Any:
    """The lines of a training step beside the shapes that they made just now.

    One step is taken on `batch` in train mode, with plain gradient descent for each network. The
    reader puts weights, gradients and modes back: nothing is trained.
    """

    def in_train_mode(*args: Any) -> Any:
        for network in networks:
            network.train()
        return step(*args)

    return quote(reference, in_train_mode, *networks, *map(_Descent, networks), batch)


class _Descent:
    """Gradient descent. The first optimizer of torch's in a process loads its compiler; the page would wait."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def zero_grad(self) -> None:
        self.network.zero_grad()

    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.network.parameters():
            if parameter.grad is not None:
                parameter -= 0.01 * parameter.grad


def workspace() -> Path:
    """The workspace that this lesson lies in."""
    return (
        find_workspace(Path(__file__).parent if mo.notebook_dir() is None else mo.notebook_dir())
        or Path.cwd()
    )


def own(name: str) -> tuple[Trained, str]:
    """The learner's newest `name` trained on digits, otherwise the one that ships; words saying which."""
    return next(_to_show(name))


def whose(name: str) -> mo.ui.radio:
    """The choice between the learner's newest `name` and the one that ships, for `choice` and `shown`."""
    found = {words: (trained, words) for trained, words in _to_show(name)}
    return mo.ui.radio(found, value=next(iter(found)), label="Shown here:", inline=True)


def choice(whose: mo.ui.radio) -> Any:
    """What stands above a figure: the choice, or the only network that there is."""
    (words, *others) = whose.options
    return whose if others else mo.md(f"<small>Shown here: {words}.</small>")


def shown(whose: mo.ui.radio) -> tuple[Trained, str]:
    """The network that was chosen; words saying which."""
    return whose.value


def _to_show(name: str) -> Iterator[tuple[Trained, str]]:
    """The learner's newest run, where there is one, then what ships, with words.

    The figures show digits: a run on dice, on text, or on pictures of other things is passed over;
    one that cannot be loaded is named.
    """
    failed = ""
    run = newest_run([workspace() / "runs"], recipe=name, need_weights=True, accept=_is_of_digits)
    if run is not None:
        try:
            trained = load_trained(str(run))
        except (RunError, RecipeError) as error:
            failed = f" (your {run.name} could not be loaded: {error})"
        else:
            epochs = f"{trained.recipe.epochs} epoch{'' if trained.recipe.epochs == 1 else 's'}"
            yield trained, f"your {name.upper()}: {run.name}, {epochs} on {trained.recipe.data}"
    trained = load_trained(name)
    words, measures = f"the {name.upper()} that ships", trained.description["measures"]
    if "accuracy" in measures:
        words += f": {100 * measures['accuracy']['value']:.2f} % on MNIST's test images"
    yield trained, words + failed


def _is_of_digits(description: dict[str, Any]) -> bool:
    return description["numbers"]["data"] in ("mnist", "digits")


def exercise(name: str) -> Any:
    """The editor on `answers/NAME.py`, with its check."""
    found = course().find(name)
    _warm_soon()
    in_page = ExerciseInPage(
        found, workspace(), judge, statement=mo.md(found.statement).text, thread=mo.Thread
    )
    return in_page.widget


_warmed = threading.Event()


def _warm_soon() -> None:
    """Let the judge load torch while the learner reads, but not while the page is being built."""

    def warm() -> None:
        time.sleep(WARM_SECONDS)
        judge.warm()

    if not _warmed.is_set():
        _warmed.set()
        threading.Thread(target=warm, daemon=True).start()


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


def own_class(exercise: str, name: str) -> type[nn.Module] | None:
    """The class that the learner wrote in `exercise`, once it has passed and as long as it stands."""
    if Progress(workspace()).standing(exercise).state != "passed":
        return None
    return getattr(load(workspace() / "answers" / f"{exercise}.py", exercise), name)


def anatomy(images: Images) -> Any:
    """The learner's CNN opened; beside it the class that they wrote, trained when first looked at."""
    trained, words = own("cnn")
    networks: dict[str, tuple[str, Any]] = {"own": (words.split(":")[0], lambda: trained.network)}
    written = own_class("conv_net", "ConvNet")
    if written is not None:
        networks["written"] = (
            "your class ConvNet",
            lambda: briefly_trained(written(8, 16), images),
        )
    return open_network(networks, images)


def briefly_trained(network: nn.Module, images: Images, num_steps: int = 200) -> nn.Module:
    """`network` after some seconds of training on batches of 64 images."""
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(0)
    network.train()
    for _ in range(num_steps):
        batch = torch.randint(len(images.train_labels), (64,), generator=generator)
        logits = network(images.train_images[batch].float() / 255)
        loss = F.cross_entropy(logits, images.train_labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network


def parameters(network: nn.Module) -> Any:
    """Each parameter's name, shape and size, as a table."""
    rows = [
        f"| `{name}` | `{tuple(p.shape)}` | {p.numel():,} |"
        for name, p in network.named_parameters()
    ]
    total = sum(p.numel() for p in network.parameters())
    head = ["| name | shape | numbers |", "| :--- | :--- | ---: |"]
    return mo.md("\n".join([*head, *rows, f"| together | | {total:,} |"]))


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
    "anatomy",
    "ask",
    "ask_again",
    "choice",
    "data_name",
    "exercise",
    "filters",
    "judge",
    "load_images",
    "load_text",
    "own",
    "pad",
    "parameters",
    "quote",
    "quote_step",
    "shown",
    "training",
    "whose",
    "workspace",
    "worst_mistakes",
]
