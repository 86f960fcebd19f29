"""Values that change with the step: learning-rate factors for torch's `LambdaLR`, and others."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def warmup_then_linear(num_steps: int, warmup: float) -> Callable[[int], float]:
    """Rise linearly over the first `warmup` share of the steps, then fall linearly to zero.

    The one-cycle policy of Smith & Topin, "Super-Convergence", 2017 (arXiv:1708.07120), without
    its cycle of momentum.

    Args:
        num_steps: steps of the whole training.
        warmup: share of the steps, in [0, 1).

    Raises:
        ValueError: `warmup` is outside [0, 1), or there are no steps.
    """
    if num_steps < 1 or not 0 <= warmup < 1:
        raise ValueError(
            f"num_steps is {num_steps}, warmup is {warmup}; expected num_steps >= 1 and "
            "0 <= warmup < 1"
        )
    num_warmup = warmup * num_steps

    def factor(step: int) -> float:
        if step < num_warmup:
            return (step + 1) / (num_warmup + 1)
        return max(0.0, (num_steps - step) / (num_steps - num_warmup))

    return factor


def hold_then_linear(num_steps: int, warmup: float, hold: float) -> Callable[[int], float]:
    """Rise linearly over the `warmup` share of the steps, hold until `hold`, then fall to zero.

    Raises:
        ValueError: not 0 <= warmup <= hold < 1, or there are no steps.
    """
    if num_steps < 1 or not 0 <= warmup <= hold < 1:
        raise ValueError(
            f"num_steps is {num_steps}, warmup is {warmup}, hold is {hold}; expected "
            "num_steps >= 1 and 0 <= warmup <= hold < 1"
        )

    def factor(step: int) -> float:
        rise = (step + 1) / (warmup * num_steps + 1)
        fall = (num_steps - step) / (num_steps * (1 - hold))
        return max(0.0, min(1.0, rise, fall))

    return factor


class ScheduledValue:
    """A 0-dim tensor that follows a function of the step and belongs to no optimizer.

    The loop steps it like a learning rate; a training step reads `value`.

    Args:
        function: maps the number of steps done to the value.
    """

    def __init__(self, function: Callable[[int], float], device: torch.device) -> None:
        self.function = function
        self.num_steps = 0
        self.value: Tensor = torch.tensor(float(function(0)), device=device)

    def step(self) -> None:
        self.num_steps += 1
        self.value.fill_(self.function(self.num_steps))

    def state_dict(self) -> dict[str, Any]:
        return {"num_steps": self.num_steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.num_steps = state["num_steps"]
        self.value.fill_(self.function(self.num_steps))


def ramp(num_steps: float) -> Callable[[int], float]:
    """Rise linearly from near zero to one over `num_steps` steps, then stay at one."""
    return lambda step: min(1.0, (step + 1) / max(1.0, math.ceil(num_steps)))
