"""A running average of a network's weights, as a wrapper around its step."""

import itertools
from collections.abc import Iterator
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from torchcamp.training.loop import Step
from torchcamp.training.sharded_tensors import own_part

Network = TypeVar("Network", bound=nn.Module)


def with_average(
    step: Step, network: Network, decay: float, state: dict[str, Any]
) -> tuple[Step, Network]:
    """`step` with an exponential moving average of `network`'s parameters and buffers.

    After each step, average <- decay * average + (1 - decay) * network: an average over about the
    last 1 / (1 - decay) steps.

    Args:
        step: the training step.
        network: the network that it trains.
        decay: decay of the average; 0 for no average.
        state: the `Training.state`; the average is added to it as `average`.

    Returns:
        The step to train with, and the network to evaluate: the averaged copy, or `network`
        itself without an average.
    """
    if not decay:
        return step, network
    average = AveragedModel(network, use_buffers=True)
    state["average"] = average

    def step_and_average(batch: Any) -> dict[str, Tensor]:
        metrics = step(batch)
        _update(average, network, decay)
        return metrics

    return step_and_average, cast(Network, average.module)


@torch.no_grad()
def _update(average: AveragedModel, network: nn.Module, decay: float) -> None:
    """Move the average, of which this process may hold a part, towards the network.

    `AveragedModel.update_parameters` copies its counter to the device at each step and waits for that;
    here it stays where it is, on the CPU.
    """
    pairs = zip(_parts(average.module), _parts(network), strict=True)
    if not average.n_averaged.item():
        for mean, now in pairs:
            mean.copy_(now)
    else:
        alike: dict[torch.dtype, list[tuple[Tensor, Tensor]]] = {}
        for mean, now in pairs:
            alike.setdefault(mean.dtype, []).append((mean, now))
        update = get_ema_multi_avg_fn(decay)
        for group in alike.values():
            means, nows = zip(*group, strict=True)
            update(means, nows, average.n_averaged)
    average.n_averaged += 1


def _parts(network: nn.Module) -> Iterator[Tensor]:
    """The parameters and buffers, or the rows of them that this process holds."""
    return map(own_part, itertools.chain(network.parameters(), network.buffers()))
