"""`torchcamp start`"""

import signal
import sys
import webbrowser
from pathlib import Path

import click

from torchcamp.base.terminal import echo
from torchcamp.cli.content import content_option, hold_workspaces_choice, language_option


@click.command("start")
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your lessons, answers and runs.  [default: the nearest upward, or ~/torchcamp]",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="[default: the first free one from 2718]"
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@content_option
@language_option
@click.option("--yes", is_flag=True, help="Agree that the content's code runs on this machine.")
def command(
    workspace: Path | None = None,
    port: int | None = None,
    no_browser: bool = False,
    content: str | None = None,
    language: str | None = None,
    yes: bool = False,
) -> int:
    """Open the course in the browser; create the workspace if there is none.

    The server listens on 127.0.0.1 only, and only to pages that carry its token. The workspace
    remembers --content and --language, so that every other command there knows them.
    """
    from torchcamp.course.server.launch import free_port, serve
    from torchcamp.course.workspace import hold, prepare_workspace, workspace_folder

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that `serve` stops the server too
    folder = workspace_folder(workspace)
    hold_workspaces_choice(folder, content, language, yes=yes)
    folder = prepare_workspace(folder)
    with hold(folder), serve(folder, free_port(port)) as server:
        echo(f"workspace: {folder}")
        opened = not no_browser and webbrowser.open(server.address)
        echo(f"{'opened' if opened else 'open'}: {server.address}")
        echo("Press Ctrl-C to stop the course.")
        try:
            code = server.process.wait()
        except KeyboardInterrupt:
            return 0
    raise click.ClickException(f"the course's server stopped unexpectedly (exit code {code})")
