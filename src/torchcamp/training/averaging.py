"""A running average of a network's weights, as a wrapper around its step."""

from typing import Any

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from torchcamp.training.loop import Step


def with_average(
    step: Step, network: nn.Module, decay: float, state: dict[str, Any]
) -> tuple[Step, nn.Module]:
    """`step` with an exponential moving average of `network`'s parameters and buffers.

    After each step, average <- decay * average + (1 - decay) * network: about the last
    1 / (1 - decay) steps count.

    Args:
        decay: of the average; 0 keeps none.
        state: the `Training.state`; the average is added to it as `average`.

    Returns:
        The step to train with, and the network to evaluate: the averaged copy, or `network`
        itself without an average.
    """
    if not decay:
        return step, network
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
    state["average"] = average

    def step_and_average(batch: Any) -> dict[str, Tensor]:
        metrics = step(batch)
        average.update_parameters(network)
        return metrics

    return step_and_average, average.module
