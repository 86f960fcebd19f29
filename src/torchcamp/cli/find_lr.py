"""`torchcamp find-lr`"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.base.terminal import echo
from torchcamp.cli.shared import (
    data_option,
    device_option,
    json_option,
    preset_option,
    print_json,
    say,
    settings_option,
)

if TYPE_CHECKING:
    from torchcamp.recipes.find_lr import RangeTest


# Longer than 60 lines: one parameter for each option.
@click.command("find-lr")
@click.argument("recipe")
@preset_option
@data_option
@settings_option
@device_option
@click.option(
    "--steps",
    type=click.IntRange(max=10**6),
    default=100,
    show_default=True,
    help="Steps, each with a higher rate.",
)
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The picture as a page (.html) or as a drawing (.svg).",
)
@json_option
def command(
    recipe: str,
    preset: str | None,
    data: str | None,
    settings: tuple[str, ...],
    device: str,
    steps: int,
    output: Path | None,
    as_json: bool,
) -> int:
    """Find a learning rate for RECIPE: a range test.

    Trains a fresh network for a few steps, each with a higher rate, and suggests a tenth of the
    rate at which the smoothed loss was lowest: a safe rate, often a few times below the
    best. For the lr of a schedule that rises and falls, it is the highest rate. No run folder is made.
    """
    from torchcamp.base.files import save_text
    from torchcamp.recipes import find_lr
    from torchcamp.recipes.train import Request, prepare

    if output is not None and output.suffix not in (".html", ".svg"):
        raise click.UsageError(f"-o takes a file that ends in .html or .svg, not {output}")
    request = Request(recipe, preset=preset, settings=settings, data=data, device=device)
    name, preset, prepared = prepare(request, say)
    test = find_lr.range_test(prepared, steps)
    own_rate = float(prepared.recipe.lr)  # type: ignore[attr-defined]
    words = ["torchcamp", "train", name]
    if preset not in (None, "default"):
        words += ["--preset", preset]
    words += ["--data", prepared.recipe.data]
    for setting in settings:
        if not setting.startswith("lr="):  # it would win over --lr
            words += ["--set", setting]
    words += ["--lr", f"{test.suggestion:g}"]
    following = shlex.join(words)
    title = f"A learning rate for {name} on {prepared.dataset.name}"
    if as_json:
        print_json(
            {
                "recipe": name,
                "preset": preset,
                "data": prepared.dataset.name,
                "suggestion": test.suggestion,
                "rule": find_lr.RULE,
                "lowest": test.lowest,
                "own": own_rate,
                "ended": test.ended,
                "rates": test.rates,
                "losses": test.losses,
                "command": following,
            }
        )
    else:
        _print(test, title, own_rate, following)
    if output is not None:
        if output.suffix == ".svg":
            text = find_lr.draw_file(test)
        else:
            text = find_lr.render_range_test(
                test, title=title, own_rate=own_rate, command=following
            )
        save_text(output, text)
        say(f"picture: {output}")
    return 0


def _print(test: "RangeTest", title: str, own_rate: float, following: str) -> None:
    from torchcamp.cli.plot import curve
    from torchcamp.recipes.find_lr import RULE

    echo(f"{title}: smoothed loss over the rate\n")
    echo(curve(test.points, mark=test.suggestion))
    echo(f"\nlr={test.suggestion:g} is {RULE} ({test.lowest:.2g}); the recipe has lr={own_rate:g}")
    echo(f"next: {following}")
