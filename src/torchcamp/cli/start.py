"""`torchcamp start`"""

import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.base.lifeline import die_with_parent
from torchcamp.base.terminal import echo
from torchcamp.cli.content import content_option, hold_workspaces_choice, language_option
from torchcamp.course.server.limits import NUM_KERNELS

if TYPE_CHECKING:
    from torchcamp.course.server.launch import Server


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
@click.option(
    "--tools",
    is_flag=True,
    help="Also allow marimo's terminal, file browser and package manager in the lessons.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Listen on this Unix socket instead of a port, for a proxy that lets people in; "
    "jupyter-server-proxy starts it so.",
)
@content_option
@language_option
@click.option("--yes", is_flag=True, help="Agree that the content's code runs on this machine.")
def command(
    workspace: Path | None = None,
    port: int | None = None,
    kernels: int = NUM_KERNELS,
    tools: bool = False,
    no_browser: bool = False,
    socket: Path | None = None,
    content: str | None = None,
    language: str | None = None,
    yes: bool = False,
) -> int:
    """Open the course in the browser; create the workspace if there is none.

    The server listens on 127.0.0.1 only, and answers only the browser that it was opened in. An
    address opens the course once; on a terminal, Enter prints another. With --socket it answers whoever
    the proxy lets in, and ends with the process that started it. The workspace remembers --content and
    --language, so that every other command there knows them.
    """
    from torchcamp.course.server.launch import serve
    from torchcamp.course.server.opening import open_browser, place_for_page
    from torchcamp.course.workspace import prepare_workspace, workspace_folder

    if socket is not None and port is not None:
        raise click.UsageError("--port and --socket exclude each other: leave one out")
    if socket is not None:
        die_with_parent(os.getppid())  # a Jupyter server that was killed would leave us behind
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that `serve` stops the server too
    folder = workspace_folder(workspace)
    hold_workspaces_choice(folder, content, language, yes=yes)
    folder = prepare_workspace(folder)
    with (
        serve(folder, port, behind=socket, kernels=kernels, tools=tools) as server,
        place_for_page(folder) as page,
    ):
        echo(f"workspace: {folder}")
        try:
            if socket is not None:
                echo(f"listening on {socket}, for a proxy that lets people in")
                code = server.process.wait()
            else:
                opened = not no_browser and open_browser(page, server.new_address())
                _say_how_to_open(server, opened=opened)
                code = _wait(server)
        except KeyboardInterrupt:
            return 0
    raise click.ClickException(
        f"the course's server stopped unexpectedly (exit code {code}); start it again with: "
        "torchcamp start"
    )


def _say_how_to_open(server: "Server", *, opened: bool) -> None:
    if opened:
        echo("opened in the browser; if nothing has come up there:")
    echo(f"open: {server.new_address()}")
    enter = "; Enter prints another address, each works once" if sys.stdin.isatty() else ""
    echo(f"Press Ctrl-C to stop the course{enter}.")


def _wait(server: "Server") -> int:
    """Wait for the end of the server; on a terminal, print another address for each Enter."""
    while sys.stdin.isatty() and server.process.poll() is None:
        ready, _, _ = select.select([sys.stdin], [], [], 0.5)
        # In the background the terminal is another program's: reading would stop this one.
        if ready and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
            if not sys.stdin.readline():
                break  # the terminal was closed, or Ctrl-D
            echo(f"open: {server.new_address()}")
        elif ready:
            time.sleep(0.5)
    return server.process.wait()
