"""`torchcamp evaluate`"""

from typing import TYPE_CHECKING

import click

from torchcamp.base.terminal import open_console
from torchcamp.cli.shared import (
    allow_own_code,
    data_option,
    device_option,
    json_option,
    number,
    print_confusion,
    print_json,
    say,
    trust_option,
)
from torchcamp.course.workspace import run_roots

if TYPE_CHECKING:
    from torchcamp.evaluation.evaluation import Evaluation


@click.command("evaluate")
@click.argument("model", metavar="RUN_OR_MODEL")
@data_option
@click.option("--fresh", is_flag=True, help="Measure again, even where the measures are known.")
@device_option
@trust_option
@json_option
def command(
    model: str, data: str | None, fresh: bool, device: str, trust: bool, as_json: bool
) -> int:
    """All measures of a run (a folder, its name, or `latest`) or of a model that ships trained.

    Known measures are shown at once; --fresh or another --data measures again.
    """
    from torchcamp.recipes.measures import measured
    from torchcamp.recipes.trained import load_trained
    from torchcamp.training.devices import resolve_device

    allow_own_code(model, trust)
    trained = load_trained(model, run_roots(), resolve_device(device))
    evaluation = measured(trained, data, fresh=fresh, report=say)
    if as_json:
        content = evaluation.as_json()
        print_json(
            {
                "model": trained.name,
                "data": evaluation.data,
                "measures": content["measures"],
                **evaluation.details,
            }
        )
    else:
        _print(trained.name, evaluation)
    return 0


def _print(name: str, evaluation: "Evaluation") -> None:
    from rich.table import Table
    from rich.text import Text

    console = open_console()
    console.print(Text.assemble((name, "bold"), f" on {evaluation.data}\n"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("measure", no_wrap=True)
    for title in ("value", "± error", "floor", "ceiling", "images"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("unit", style="dim", overflow="fold")
    for title, measure in evaluation.measures.items():
        table.add_row(
            title.replace("_", " "),
            number(measure.value),
            "" if measure.error is None else f"{measure.error:.2g}",
            "" if measure.floor is None else number(measure.floor),
            "" if measure.ceiling is None else number(measure.ceiling),
            f"{measure.num_samples:,}",
            measure.unit,
        )
    console.print(table)
    for note in evaluation.details.get("notes", []):
        console.print(f"\n{note}", style="dim")
    if "confusion" in evaluation.details:
        details = evaluation.details
        print_confusion(console, details["class_names"], details["confusion"])
