"""Quote our source code in a lesson, next to the shapes that it has just produced."""

from typing import Any

import marimo as mo
import torch
from torch import nn

from torchcamp.base.paths import PACKAGE
from torchcamp.reading.page import render_function, render_source
from torchcamp.reading.reader import read
from torchcamp.reading.source import source_of


def quote(reference: str, call: Any = None, *inputs: Any, tape: bool = False) -> Any:
    """The current source of a symbol of ours, such as `models/cnn.py::CNN.forward`.

    With `call` (a network or a function) and its inputs, the symbol is traced while
    `call(*inputs)` runs: each line is shown with the shapes it produced and its FLOPs or, with
    `tape`, its autograd nodes.
    """
    if call is not None:
        file, _, symbol = reference.partition("::")
        quoted_file = str(PACKAGE / file)
        reading = read(call, inputs, is_user=lambda name: name == quoted_file)
        if reading.crash is None:
            return mo.Html(render_function(reading, symbol, f"torchcamp/{reference}", tape=tape))
    return mo.Html(render_source(source_of(reference), f"torchcamp/{reference}"))


def quote_step(reference: str, step: Any, networks: list[nn.Module], batch: Any) -> Any:
    """The source of a training step, each line with the shapes it has just produced.

    One step is taken on `batch` in train mode, with plain gradient descent for each network. The
    reader restores weights, gradients and modes: nothing is trained.
    """

    def in_train_mode(*args: Any) -> Any:
        for network in networks:
            network.train()
        return step(*args)

    return quote(reference, in_train_mode, *networks, *map(_Descent, networks), batch)


class _Descent:
    """Plain gradient descent: creating a torch optimizer imports torch's compiler, which is slow."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def zero_grad(self) -> None:
        self.network.zero_grad()

    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.network.parameters():
            if parameter.grad is not None:
                parameter -= 0.01 * parameter.grad
