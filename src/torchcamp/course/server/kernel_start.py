"""Kernels that begin with torch loaded: each is forked from one process that has imported it.

marimo starts a new interpreter for every lesson that is opened, and each of them then reads marimo,
torch and our own modules for seconds. Here a process of the server reads them once, while the home page is
still being looked at, and a kernel is a copy of it. Copies share the memory that none of them changes.

Only on Linux: elsewhere libraries that torch loads do not bear being forked.
"""

import multiprocessing
import multiprocessing.forkserver
import sys

import marimo._session.managers.kernel

PRELOADED = "torchcamp.course.server.kernel_imports"


def fork_kernels() -> None:
    """Have this server's kernels forked; the process that they are copied from begins to load now."""
    if sys.platform != "linux":
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    multiprocessing.forkserver.ensure_running()
    # marimo asks for "spawn", which is written into its kernel manager.
    marimo._session.managers.kernel.get_context = lambda method: context  # type: ignore[assignment]
