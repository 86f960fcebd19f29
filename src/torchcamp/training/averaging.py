"""A running average of a network's weights, as a wrapper around its step."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

Step = Callable[[Any], dict[str, Tensor]]


def average_weights(network: nn.Module, decay: float) -> AveragedModel:
    """An exponential moving average of `network`'s parameters and buffers.

    After each step, average <- decay * average + (1 - decay) * network: about the last
    1 / (1 - decay) steps count.
    """
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def averaged(step: Step, network: nn.Module, average: AveragedModel) -> Step:
    """`step`, followed by an update of `average` with `network`; the step does not know."""

    def step_and_average(batch: Any) -> dict[str, Tensor]:
        metrics = step(batch)
        average.update_parameters(network)
        return metrics

    return step_and_average
