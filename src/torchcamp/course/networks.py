"""The trained network that a lesson shows: the learner's newest, or the one that ships."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import marimo as mo
import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.base.errors import RecipeError, RunError
from torchcamp.course.judge.checks import load
from torchcamp.course.progress import Progress
from torchcamp.course.settings import find_workspace
from torchcamp.data.images import Images
from torchcamp.figures.cnn import anatomy as open_network
from torchcamp.recipes.trained import Trained, load_trained, newest_run
from torchcamp.training.run_folder import RunFolder

NUM_LAST = 5  # rows of a stopped training by which it is judged


def workspace() -> Path:
    """The workspace of the current lesson."""
    return (
        find_workspace(Path(__file__).parent if mo.notebook_dir() is None else mo.notebook_dir())
        or Path.cwd()
    )


def own(name: str) -> tuple[Trained, str]:
    """The network that a figure shows first, and its caption: see `_available`."""
    return next(_available(name))


def whose(name: str) -> mo.ui.radio:
    """Radio buttons: the learner's newest `name`, or the shipped one. For `choice` and `shown`."""
    options = {caption: (trained, caption) for trained, caption in _available(name)}
    return mo.ui.radio(options, value=next(iter(options)), label="Shown here:", inline=True)


def choice(whose: mo.ui.radio) -> Any:
    """To show above a figure: the radio buttons, or the caption if there is only one network."""
    (caption, *others) = whose.options
    return whose if others else mo.md(f"<small>Shown here: {caption}.</small>")


def shown(whose: mo.ui.radio) -> tuple[Trained, str]:
    """The chosen network and its caption."""
    return whose.value


def _available(name: str) -> Iterator[tuple[Trained, str]]:
    """The learner's newest run, if there is one, then the shipped network, with their captions.

    The figures show digits, so runs on other data are skipped. A run that cannot be loaded is
    reported in the shipped network's caption. A run that is no better than guessing, as after too
    high a rate or a stop at the beginning, comes second.
    """
    failed = ""
    guessing: list[tuple[Trained, str]] = []
    run = newest_run([workspace() / "runs"], recipe=name, need_weights=True, accept=_is_of_digits)
    if run is not None:
        try:
            trained = load_trained(str(run))
            is_guessing = _is_guessing(run, trained.description)
        except (RunError, RecipeError) as error:
            failed = f" (your {run.name} could not be loaded: {error})"
        else:
            epochs = f"{trained.recipe.epochs} epoch{'' if trained.recipe.epochs == 1 else 's'}"
            if trained.description.get("finished") is None:
                epochs = "stopped early"
            caption = f"your {name.upper()}: {run.name}, {epochs} on {trained.recipe.data}"
            accuracy = trained.description.get("measures", {}).get("accuracy")
            if accuracy:
                caption += f", {100 * accuracy['value']:.2f} % right"
            if is_guessing:
                guessing.append((trained, f"{caption}: no better than guessing"))
            else:
                yield trained, caption
    trained = load_trained(name)
    caption, measures = f"the {name.upper()} that ships", trained.description["measures"]
    if "accuracy" in measures:
        caption += f": {100 * measures['accuracy']['value']:.2f} % on MNIST's test images"
    yield trained, caption + failed
    yield from guessing


def _is_guessing(run: Path, description: Mapping[str, Any]) -> bool:
    """Whether a classifier is no better than guessing: by its measure, or, if it was stopped before
    it was measured, by the last batches that it was trained on."""
    accuracy = description.get("measures", {}).get("accuracy")
    if accuracy:
        return accuracy["value"] < 2 * accuracy["floor"]
    if description.get("finished"):
        return False
    rows = RunFolder.open(run).rows("metrics.jsonl")
    shares = [row["accuracy"] for row in rows if "accuracy" in row][-NUM_LAST:]
    if not shares:  # stopped before the first row, or a model without an accuracy
        return not rows
    return sum(shares) / len(shares) < 2 / len(description["class_names"])


def _is_of_digits(description: Mapping[str, Any]) -> bool:
    return description["numbers"].get("data") in ("mnist", "digits")


def own_class(exercise: str, name: str) -> type[nn.Module] | None:
    """The class that the learner wrote in `exercise`, if it has passed and is unchanged since."""
    if Progress(workspace()).standing(exercise).state != "passed":
        return None
    return getattr(load(workspace() / "answers" / f"{exercise}.py", exercise), name)


def anatomy(images: Images, trained: Trained, caption: str) -> Any:
    """A look inside a CNN, and inside the class the learner wrote, trained when first shown."""
    networks: dict[str, tuple[str, Any]] = {"own": (caption.split(":")[0], lambda: trained.network)}
    written = own_class("conv_net", "ConvNet")
    if written is not None:
        networks["written"] = (
            "your class ConvNet",
            lambda: briefly_trained(written(8, 16), images),
        )
    return open_network(networks, images)


def briefly_trained(network: nn.Module, images: Images, num_steps: int = 200) -> nn.Module:
    """`network` after a few seconds of training on batches of 64 images."""
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
