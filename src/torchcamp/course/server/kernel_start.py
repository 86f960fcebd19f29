"""Kernels that start with torch loaded: each is forked from a process that has already imported it.

marimo starts a new interpreter for every lesson that is opened, and each spends about two seconds importing
marimo, torch and our own modules. Here one process imports them once, while the learner is still on the home
page, and every kernel is a fork of it. Forks share the memory that none of them changes.

Only on Linux: on other systems some libraries that torch loads are not safe to fork.
"""

import multiprocessing
import multiprocessing.forkserver
import sys

import marimo._session.managers.kernel

PRELOADED = "torchcamp.course.server.kernel_imports"


def fork_kernels() -> None:
    """From now on, fork this server's kernels; the process they are forked from starts importing now."""
    if sys.platform != "linux":
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    multiprocessing.forkserver.ensure_running()
    # marimo's kernel manager always asks for "spawn", and no setting changes that.
    marimo._session.managers.kernel.get_context = lambda method: context  # type: ignore[assignment]
