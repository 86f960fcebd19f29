"""`torchcamp sample`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.base.terminal import echo
from torchcamp.cli.shared import (
    COUNT,
    SEED,
    Finite,
    allow_own_code,
    device_option,
    json_option,
    print_json,
    say,
    trust_option,
)
from torchcamp.course.workspace import run_roots

if TYPE_CHECKING:
    from torch import Tensor


@click.command("sample")
@click.argument("model", metavar="RUN_OR_MODEL")
@click.option(
    "-n",
    "num_samples",
    type=COUNT,
    help="How many pictures, or characters of text.  [default: 64, or 600]",
)
@click.option("--label", metavar="CLASS", help="The class to draw, if the model takes one.")
@click.option("--prompt", help="What a text begins with.")
@click.option(
    "--temperature",
    type=Finite(min=0, min_open=True),
    help="For an RNN: below 1 the likely becomes likelier.",
)
@click.option("--seed", type=SEED, default=0, show_default=True)
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.png, or FILE.npz with `images` and `labels`.  [default: NAME-samples.png]",
)
@device_option
@trust_option
@json_option
def command(
    model: str,
    num_samples: int | None,
    label: str | None,
    prompt: str | None,
    temperature: float | None,
    seed: int,
    output: Path | None,
    device: str,
    trust: bool,
    as_json: bool,
) -> int:
    """Draw samples from a generative model: a run or one that ships trained.

    Pictures go into a file; a model of text or of dice writes to standard output.
    """
    from torchcamp.recipes.recipe import TextGenerator
    from torchcamp.recipes.sampling import draw_images, write_text
    from torchcamp.recipes.trained import load_trained
    from torchcamp.training.devices import resolve_device

    allow_own_code(model, trust)
    trained = load_trained(model, run_roots(), resolve_device(device))
    if isinstance(trained.recipe, TextGenerator):
        _refuse(trained.name, label=label, output=output)
        text = write_text(
            trained, num_samples or 600, seed=seed, prompt=prompt, temperature=temperature
        )
        print_json({"model": trained.name, "text": text}) if as_json else echo(text)
        return 0
    _refuse(trained.name, prompt=prompt)
    images, labels = draw_images(
        trained, num_samples or 64, seed=seed, label=label, temperature=temperature
    )
    output = output or Path(f"{Path(trained.name).name}-samples.png")
    write(output, images, labels)
    if as_json:
        print_json({"model": trained.name, "file": str(output), "num_samples": len(images)})
    say(f"{len(images)} samples -> {output}")
    return 0


def write(output: Path, images: "Tensor", labels: "Tensor | None") -> None:
    """A grid as PNG, or the pictures as npz: (N, H, W) in grey, (N, H, W, 3) in colour."""
    import numpy as np

    from torchcamp.base.files import write_atomically
    from torchcamp.data.pictures import grid, png_bytes
    from torchcamp.evaluation.generator_report import as_pixels

    def save(part: Path) -> None:
        if output.suffix == ".png":
            part.write_bytes(png_bytes(grid(images)))
            return
        pixels = as_pixels(images).permute(0, 2, 3, 1).numpy()  # (N, H, W, C)
        if pixels.shape[3] == 1:
            pixels = pixels.squeeze(3)
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


def _refuse(name: str, **options: object) -> None:
    """Say so if an option makes no sense for the model."""
    for option, value in options.items():
        if value is not None:
            flag = "-o" if option == "output" else f"--{option}"
            raise click.UsageError(f"{name} takes no {flag}")
