"""What Python code does with torchcamp: the functions behind `import torchcamp`.

They do what the commands of the same names do, and raise `torchcamp.UserError` where a command
would print one line. docs/api.md shows them at work.

Shapes: N = samples
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor

from torchcamp.course.workspace import run_roots
from torchcamp.data.images import Images, PictureOptions, load_images
from torchcamp.data.sequences import Sequences, Text, load_dice, load_text
from torchcamp.data.symbol_files import load_sequences
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.recipes import train as training
from torchcamp.recipes.exporting import Exported
from torchcamp.recipes.exporting import export as export_model
from torchcamp.recipes.measures import measured
from torchcamp.recipes.sampling import draw_images, write_text
from torchcamp.recipes.trained import Trained, load_trained, own_source
from torchcamp.recipes.trust import trust as trust_source
from torchcamp.training.devices import resolve_device


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def load_data(
    name: str = "auto", *, report: Callable[[str], None] = _say
) -> Images | Text | Sequences:
    """Load a data set, fetching it on first use where it is published.

    Args:
        name: `mnist`, `fashion`, `digits`, `folder:DIR`, `idx:DIR`, or `auto` (MNIST if it can be
            had, else digits): images. `text` or `text:FILE`: text. `dice`: throws of dice.
            `sequences:FILE`: your own sequences of symbols, from a .csv, .jsonl or .txt file.
        report: called with a line about what was fetched or chosen.

    Returns:
        `Images`: `train_images` and `test_images` (N, 1, 28, 28) uint8, their labels (N,) int64,
        and `class_names`. `Text`: `train` and `test` (N,) int64, indices into `characters`.
        `Sequences`: `train` and `test` (N, T) int64 with their lengths (N,), and the names
        `symbols` where they have any.

    Raises:
        UserError: no such data set, or one that cannot be read.
    """
    kind = name.partition(":")[0]
    if kind == "text":
        return load_text(name, report)
    if kind == "dice":
        return load_dice(name, report)
    if kind == "sequences":
        return load_sequences(name, report)
    return load_images(name, report)


def dataset(
    name: str = "auto",
    *,
    size: str | int = "auto",
    colour: str = "auto",
    background: str = "white",
    skip_unreadable: bool = False,
    class_folders: str = "auto",
    report: Callable[[str], None] = _say,
) -> Images:
    """Load a data set of images, such as your own pictures, for any code of yours.

    Args:
        name: as for `load_data`, such as `folder:pets`.
        size: of your own pictures: `auto` (from the pictures), `64` or `48x64` (height x width).
        colour: `auto` (colour if the pictures have any), `rgb` or `grey`.
        background: what transparent pixels become, `white` or `black`.
        skip_unreadable: leave unreadable pictures out instead of refusing the set.
        class_folders: where folders are nested, whether the `top` or the `leaf` folder is the class.
        report: called with a line about what was fetched or chosen.

    Returns:
        `train_images`, `test_images` (N, C, H, W) uint8 with `train_labels`, `test_labels` (N,),
        `class_names`; and `train` and `test`, which a `torch.utils.data.DataLoader` takes: items
        are a picture (C, H, W) in [0, 1] and its label.

    Raises:
        UserError: no such data set, or one that cannot be read.
    """
    options = PictureOptions(
        size=str(size),
        colour=colour,
        background=background,
        skip_unreadable=skip_unreadable,
        class_folders=class_folders,
    )
    return load_images(name, report, options)


def load(name: str, *, device: str = "cpu", trust: bool = False) -> Trained:
    """Load a trained model.

    Args:
        name: a model that ships (`mlp`, `cnn`, `hmm`, `rbm`, `vae`, `rnn`, `gan`, `cgan`), a run's
            folder or its name in ./runs or the workspace, or `latest`.
        device: `cpu`, `cuda`, `mps` or `auto`.
        trust: run the code that a run of somebody else's holds, with your rights, now and from now
            on; what was trained on this machine needs no such word.

    Returns:
        The model: `predict`, which names the class of new pictures, `network` in eval mode,
        `recipe` with its hyperparameters, `class_names`, and `description`, the content of its card
        or run.json.

    Raises:
        UserError: no such model, one whose weights do not fit, or code that is not trusted.
    """
    source = own_source(name, run_roots()) if trust else None
    if source is not None:
        trust_source(source)
    return load_trained(name, run_roots(), resolve_device(device))


load_model = load  # its name up to 0.1


def train(
    recipe: str,
    *,
    preset: str | None = None,
    settings: Mapping[str, object] | None = None,
    data: str | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    device: str = "auto",
    precision: str = "auto",
    out: str | Path = "runs",
    reports: training.Reports | None = None,
) -> training.Outcome:
    """Train a recipe into a new run folder, and evaluate the result.

    Args:
        recipe: `mlp`, `cnn`, `hmm`, `rbm`, `vae`, `rnn`, `gan`, `cgan`, or `FILE.py:function`.
        preset: a named set of hyperparameters; `default` if None.
        settings: hyperparameters of the recipe or its model, such as `{"lr": 0.01}`.
        data, epochs, seed: as named; the recipe's own if None.
        device: `auto`, `cpu`, `cuda` or `mps`.
        precision: `auto`, `fp32` or `bf16`.
        out: the folder in which the run's folder is made.
        reports: callbacks invoked during the run; nothing is printed without them.

    Returns:
        The outcome: `run`, the folder, which `load` takes, and `measures`, the few numbers
        at the end such as `test_accuracy`.

    Raises:
        UserError: something that was asked for cannot be done, or the training diverged.
    """
    texts = [f"{key}={_as_text(value)}" for key, value in (settings or {}).items()]
    request = training.Request(
        recipe,
        preset=preset,
        settings=texts,
        data=data,
        epochs=epochs,
        seed=seed,
        device=device,
        precision=precision,
        out=Path(out),
        command=["torchcamp.train", recipe, *texts],
    )
    return training.train(request, reports)


def _as_text(value: object) -> str:
    """A setting's value as it is typed after `--set`."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)


def evaluate(
    model: Trained | str,
    data: str | None = None,
    *,
    fresh: bool = False,
    report: Callable[[str], None] = _say,
) -> Evaluation:
    """All measures of a trained model, each with its standard error, floor and ceiling.

    Args:
        model: what `load` returned, or a name that it takes.
        data: a data set other than the one it was trained on.
        fresh: measure even if the measures are known.
        report: called with a line about which data were fetched or chosen.

    Returns:
        The evaluation: `measures["accuracy"].value` and so on, and `details` for anything that is not a scalar.

    Raises:
        UserError: no such model or data, or data that do not fit the model.
    """
    return measured(_loaded(model), data, fresh=fresh, report=report)


def export(model: Trained | str, format: str, file: str | Path) -> Exported:
    """Write a trained model for use elsewhere, load what was written, and compare.

    Args:
        model: what `load` returned, or a name that it takes.
        format: `safetensors`, `onnx` (needs the extra `export`) or `pt2` (`torch.export`).
        file: overwritten if it exists.

    Returns:
        What was written: `inputs` and `outputs` with their shapes, and the `largest_difference`
        between the file's outputs and the model's.

    Raises:
        UserError: no such model or format, a model that is not one graph, a missing package, or a
            file whose outputs are not the model's.
    """
    return export_model(_loaded(model), format, file)


def sample(
    model: Trained | str,
    num_samples: int = 64,
    *,
    seed: int = 0,
    label: str | int | None = None,
    temperature: float | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Images drawn by a generative model.

    Args:
        model: what `load` returned, or a name that it takes.
        num_samples: N.
        seed: the same seed draws the same images.
        label: the class to draw, by name or by number, for a conditional model; None draws each in turn.
        temperature: for an RNN; below 1 the likely becomes likelier.

    Returns:
        Images (N, C, H, W) in [0, 1], and their labels (N,) or None without classes.

    Raises:
        UserError: no such model, or one that draws no images or does not take an option.
    """
    return draw_images(_loaded(model), num_samples, seed=seed, label=label, temperature=temperature)


def write(
    model: Trained | str,
    num_symbols: int = 600,
    *,
    seed: int = 0,
    prompt: str | None = None,
    temperature: float | None = None,
) -> str:
    """Text written by a model of text, or throws by a model of dice.

    Args:
        model: what `load` returned, or a name that it takes.
        num_symbols: characters after the prompt, or throws.
        seed: the same seed writes the same text.
        prompt: what the text begins with.
        temperature: below 1 the likely becomes likelier.

    Raises:
        UserError: no such model, or one that writes no text or does not take an option.
    """
    return write_text(
        _loaded(model), num_symbols, seed=seed, prompt=prompt, temperature=temperature
    )


def _loaded(model: Trained | str) -> Trained:
    return load(model) if isinstance(model, str) else model
