"""`torchcamp compare`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.base.terminal import open_console
from torchcamp.cli.shared import (
    allow_own_code,
    device_option,
    json_option,
    number,
    print_json,
    say,
    trust_option,
)
from torchcamp.course.workspace import run_roots

if TYPE_CHECKING:
    from torchcamp.recipes.compare import Row


@click.command("compare")
@click.argument("runs", nargs=-1, metavar="[RUN_OR_MODEL]...")
@click.option("--fresh", is_flag=True, help="Measure again, even where the measures are known.")
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page.  [default: compare.html; none with --json]",
)
@device_option
@trust_option
@json_option
def command(
    runs: tuple[str, ...],
    fresh: bool,
    output: Path | None,
    device: str,
    trust: bool,
    as_json: bool,
) -> int:
    """The generative models side by side: the named ones, or all that ship trained.

    Prints one table and writes one page with samples of each.
    """
    from torchcamp.base.files import save_text
    from torchcamp.recipes.compare import compare, generative_models, render_comparison
    from torchcamp.recipes.trained import load_trained
    from torchcamp.training.devices import resolve_device

    resolved = resolve_device(device)
    for name in runs:
        allow_own_code(name, trust)
    if runs:
        models = [load_trained(name, run_roots(), resolved) for name in runs]
    else:
        models = generative_models(resolved)
    rows = compare(models, fresh=fresh, report=say)
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        _print(rows)
        output = output or Path("compare.html")
    if output:
        page = render_comparison(models, rows)
        try:
            save_text(output, page)
        except OSError as error:
            raise click.UsageError(f"cannot write {output}: {error.strerror}") from error
        say(f"page: {output}")
    return 0


def _print(rows: "list[Row]") -> None:
    from rich.table import Table
    from rich.text import Text

    from torchcamp.pages.page import seconds_in_words

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("model", "data", "compared with"):
        table.add_column(title, no_wrap=True)
    for title in ("Fréchet / floor", "coverage", "nats", "agreement", "parameters", "training"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        nats, agreement = row.nats, row.label_agreement
        table.add_row(
            Text(Path(row.model).name, "bold"),
            row.data,
            f"bits ({row.binarisation})" if row.binarisation else "images",
            f"{row.measures['frechet_ratio'].value:.1f}" if "frechet_ratio" in row.measures else "",
            "" if row.coverage is None else f"{row.coverage:.3f}",
            "" if nats is None else f"{number(nats)} ({row.nats_kind})",
            "" if agreement is None else f"{100 * agreement:.2f} %",
            f"{row.parameters:,}",
            "" if row.train_seconds is None else seconds_in_words(row.train_seconds),
        )
    console = open_console()
    if not console.is_terminal:
        console.width = 160  # a file has no width of its own
    console.print(table)
