"""A running average of a network's weights, as a wrapper around its step."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

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
    average = AveragedModel(network, multi_avg_fn=_of_own_parts(decay), use_buffers=True)
    state["average"] = average

    def step_and_average(batch: Any) -> dict[str, Tensor]:
        metrics = step(batch)
        average.update_parameters(network)
        return metrics

    return step_and_average, cast(Network, average.module)


def _of_own_parts(decay: float) -> Any:
    """torch's update of the average, on the rows that this process holds."""
    update = get_ema_multi_avg_fn(decay)

    def update_own(average: Sequence[Tensor], now: Sequence[Tensor], number: Any) -> None:
        update(list(map(own_part, average)), list(map(own_part, now)), number)

    return update_own
