"""`torchcamp sample`"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from torchcamp.cli.shared import device_option, json_option, print_json, run_roots, say

if TYPE_CHECKING:
    from torch import Tensor


@click.command("sample")
@click.argument("model", metavar="RUN_OR_MODEL")
@click.option(
    "-n",
    "num_samples",
    type=click.IntRange(min=1),
    help="How many pictures, or characters of a text.  [default: 64, or 600]",
)
@click.option("--label", type=int, help="Of this class, where the model takes one.")
@click.option("--prompt", help="What a text begins with.")
@click.option(
    "--temperature",
    type=click.FloatRange(min=0, min_open=True),
    help="Of an RNN: below 1 the likely becomes likelier.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.png, or FILE.npz with `images` and `labels`.  [default: NAME-samples.png]",
)
@device_option
@json_option
def command(
    model: str,
    num_samples: int | None,
    label: int | None,
    prompt: str | None,
    temperature: float | None,
    seed: int,
    output: Path | None,
    device: str,
    as_json: bool,
) -> int:
    """Draw samples from a generative model: a run or one that ships trained.

    Pictures go into a file; a model of text or of dice writes to standard output.
    """
    import torch

    from torchcamp.recipes.trained import load_trained
    from torchcamp.training.devices import resolve_device

    trained = load_trained(model, run_roots(), resolve_device(device))
    recipe: Any = trained.recipe
    rng = torch.Generator().manual_seed(seed)
    options: dict[str, Any] = {}
    if hasattr(recipe, "write"):
        _refuse(trained.name, label=label, output=output)
        options = {"prompt": prompt, "temperature": temperature}
        given = {name: value for name, value in options.items() if value is not None}
        _refuse_unknown(trained.name, recipe.write, given)
        text = recipe.write(trained.network, num_samples or 600, rng, **given)
        print_json({"model": trained.name, "text": text}) if as_json else print(text)
        return 0
    if not hasattr(recipe, "draw"):
        raise click.UsageError(
            f"{trained.name} is a {type(trained.network).__name__}: it tells pictures apart and "
            "cannot draw any; sample takes a generative model"
        )
    _refuse(trained.name, prompt=prompt)
    classes = getattr(recipe.model, "num_classes", None)
    if label is not None and (classes is None or not 0 <= label < classes):
        raise click.UsageError(
            f"{trained.name} knows no classes: it draws what it likes"
            if classes is None
            else f"{trained.name} knows the classes 0 to {classes - 1}, not {label}"
        )
    given = {} if temperature is None else {"temperature": temperature}
    _refuse_unknown(trained.name, recipe.draw, given)
    images, labels = recipe.draw(trained.network, num_samples or 64, rng, label=label, **given)
    output = output or Path(f"{Path(trained.name).name}-samples.png")
    write(output, images, labels)
    if as_json:
        print_json({"model": trained.name, "file": str(output), "num_samples": len(images)})
    say(f"{len(images)} samples -> {output}")
    return 0


def write(output: Path, images: "Tensor", labels: "Tensor | None") -> None:
    """A grid as PNG, or the pictures themselves as npz."""
    import numpy as np

    from torchcamp.base.files import write_atomically
    from torchcamp.data.pictures import grid, png_bytes
    from torchcamp.evaluation.generator_report import as_pixels

    def save(part: Path) -> None:
        if output.suffix == ".png":
            part.write_bytes(png_bytes(grid(images)))
            return
        pixels = as_pixels(images).squeeze(1).numpy()
        with part.open("wb") as stream:
            if labels is None:
                np.savez_compressed(stream, images=pixels)
            else:
                np.savez_compressed(stream, images=pixels, labels=labels.numpy())

    if output.suffix not in (".png", ".npz"):
        raise click.UsageError(f"-o takes FILE.png or FILE.npz, not {output}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output, save)
    except OSError as error:
        raise click.UsageError(f"cannot write {output}: {error.strerror}") from error


def _refuse(name: str, **options: Any) -> None:
    """Say so where an option makes no sense for the model."""
    for option, value in options.items():
        if value is not None:
            flag = "-o" if option == "output" else f"--{option}"
            raise click.UsageError(f"{name} takes no {flag}")


def _refuse_unknown(name: str, function: Any, given: dict[str, Any]) -> None:
    import inspect

    known = inspect.signature(function).parameters
    _refuse(name, **{option: value for option, value in given.items() if option not in known})
