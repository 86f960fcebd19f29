"""`torchcamp start`"""

import signal
import sys
import webbrowser
from pathlib import Path

import click

from torchcamp.base.terminal import echo
from torchcamp.course.server.limits import NUM_KERNELS


@click.command("start")
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your lessons, answers and runs.  [default: the nearest upward, or ~/torchcamp]",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="[default: the first free one from 2718]"
)
@click.option(
    "--kernels",
    type=click.IntRange(1),
    default=NUM_KERNELS,
    show_default=True,
    help="How many lessons stay in memory at a time, with about 0.5 GB each.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def command(
    workspace: Path | None = None,
    port: int | None = None,
    kernels: int = NUM_KERNELS,
    no_browser: bool = False,
) -> int:
    """Open the course in the browser; create the workspace if there is none.

    The server listens on 127.0.0.1 only, and only to pages that carry its token.
    """
    from torchcamp.course.server.launch import serve
    from torchcamp.course.workspace import prepare_workspace

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that `serve` stops the server too
    folder = prepare_workspace(workspace)
    with serve(folder, port, kernels) as server:
        echo(f"workspace: {folder}")
        if not no_browser and webbrowser.open(server.address):
            echo(f"opened: {server.address}")
        else:
            echo(f"open: {server.address}")
        echo("Press Ctrl-C to stop the course.")
        try:
            code = server.process.wait()
        except KeyboardInterrupt:
            return 0
    raise click.ClickException(
        f"the course's server stopped unexpectedly (exit code {code}); start it again with: "
        "torchcamp start"
    )
