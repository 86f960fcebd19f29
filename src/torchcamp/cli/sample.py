"""`torchcamp sample`"""

from pathlib import Path

import click

from torchcamp.cli.words import device_option, json_option, run_roots


@click.command("sample")
@click.argument("model", metavar="RUN_OR_MODEL")
@click.option("-n", "num_samples", type=int, default=64, show_default=True, help="How many.")
@click.option("--label", type=int, help="Of this class, where the model takes one.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-o", "output", type=click.Path(path_type=Path), help="FILE.png or FILE.npz.")
@device_option
@json_option
def command(
    model: str,
    num_samples: int,
    label: int | None,
    seed: int,
    output: Path | None,
    device: str,
    as_json: bool,
) -> int:
    """Draw samples from a generative model: a run or one that ships trained."""
    from torchcamp.recipes.trained import load_trained

    trained = load_trained(model, run_roots(), "cpu")
    kind = type(trained.network).__name__
    # Every model of this version is a classifier; the generative ones bring what stands here.
    raise click.UsageError(
        f"{trained.name} is a {kind}: it tells pictures apart and cannot draw any; "
        "sample takes a generative model"
    )
