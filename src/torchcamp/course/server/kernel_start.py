"""Kernels that start with torch loaded: each is forked from a process that has already imported it.

marimo starts a new interpreter for every lesson that is opened, and each spends about two seconds importing
marimo, torch and our own modules. Here one process imports them once, while the learner is still on the home
page, and every kernel is a fork of it. Forks share the memory that none of them changes.

Only on Linux: on other systems some libraries that torch loads are not safe to fork.
"""

import multiprocessing
import multiprocessing.forkserver
import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from typing import Any

import marimo._session.managers.kernel

from torchcamp.base.lifeline import die_with_parent

PRELOADED = "torchcamp.course.server.kernel_imports"


class KernelContext:
    """What marimo's kernel manager takes for the multiprocessing context "spawn"."""

    def __init__(self) -> None:
        self.context: Any = multiprocessing.get_context("spawn")
        if sys.platform == "linux":
            self.context = multiprocessing.get_context("forkserver")
            self.context.set_forkserver_preload([PRELOADED])
            multiprocessing.forkserver.ensure_running()

    def Process(
        self, *, target: Callable[..., None], args: Sequence[Any], daemon: bool
    ) -> BaseProcess:
        return self.context.Process(target=run_kernel, args=(target, *args), daemon=daemon)


def take_over_kernels() -> None:
    """From now on, start this server's kernels; the process they are forked from starts importing now."""
    context = KernelContext()
    # marimo's kernel manager always asks for "spawn", and no setting changes that.
    marimo._session.managers.kernel.get_context = lambda method: context  # type: ignore[assignment]


def run_kernel(launch: Callable[..., None], *args: Any) -> None:
    """marimo's `launch(*args)`, in a process that ends with the one that started it.

    Also where marimo's own watch, a thread, cannot run. A fork does not inherit this.
    """
    die_with_parent(os.getppid())
    launch(*args)
