"""`torchcamp evaluate`"""

from typing import Any

import click

from torchcamp.cli.shared import (
    data_option,
    device_option,
    json_option,
    number,
    print_json,
    run_roots,
    say,
)


@click.command("evaluate")
@click.argument("model", metavar="RUN_OR_MODEL")
@data_option
@click.option("--fresh", is_flag=True, help="Measure again, even where the measures are known.")
@device_option
@json_option
def command(model: str, data: str | None, fresh: bool, device: str, as_json: bool) -> int:
    """All measures of a run (a folder, its name, or `latest`) or of a model that ships trained.

    Known measures are shown at once; --fresh or another --data measures again.
    """
    from torchcamp.recipes.measures import measured
    from torchcamp.recipes.trained import load_trained
    from torchcamp.training.devices import resolve_device

    trained = load_trained(model, run_roots(), resolve_device(device))
    known = measured(trained, data, fresh=fresh, report=say)
    result: dict[str, Any] = {
        "model": trained.name,
        "data": known["data"],
        "measures": known["measures"],
        **known["details"],
    }
    if as_json:
        print_json(result)
    else:
        _print(result)
    return 0


def _print(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{result['model']}[/] on {result['data']}\n")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("measure", no_wrap=True)
    for title in ("value", "± error", "floor", "ceiling", "images"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("unit", style="dim", overflow="fold")
    for name, measure in result["measures"].items():
        table.add_row(
            name.replace("_", " "),
            number(measure["value"]),
            "" if measure["error"] is None else f"{measure['error']:.2g}",
            "" if measure["floor"] is None else number(measure["floor"]),
            "" if measure["ceiling"] is None else number(measure["ceiling"]),
            f"{measure['num_samples']:,}",
            measure["unit"],
        )
    console.print(table)
    if "confusion" in result:
        names = result["class_names"]
        grid = Table(box=None, title="row: true class, column: answer", title_style="dim")
        grid.add_column("")
        for name in names:
            grid.add_column(name, justify="right")
        for name, row in zip(names, result["confusion"], strict=True):
            cells = [
                f"[green]{c}[/]" if names[i] == name else (f"[red]{c}[/]" if c else "[dim]0[/]")
                for i, c in enumerate(row)
            ]
            grid.add_row(f"[bold]{name}[/]", *cells)
        console.print()
        console.print(grid)
