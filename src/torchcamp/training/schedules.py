"""What moves with the step's number: factors of the rate for torch's `LambdaLR`, other values."""

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
        num_steps: of the whole training.
        warmup: share of the steps in [0, 1).

    Raises:
        ValueError: a warm-up outside [0, 1) or no steps.
    """
    if num_steps < 1 or not 0 <= warmup < 1:
        raise ValueError("a schedule needs at least one step and a warm-up in [0, 1)")
    num_warmup = warmup * num_steps

    def factor(step: int) -> float:
        if step < num_warmup:
            return (step + 1) / (num_warmup + 1)
        return max(0.0, (num_steps - step) / (num_steps - num_warmup))

    return factor


def hold_then_linear(num_steps: int, warmup: float, hold: float) -> Callable[[int], float]:
    """Rise linearly over the `warmup` share of the steps, stay until `hold`, then fall to zero.

    Raises:
        ValueError: shares that are not 0 <= warmup <= hold < 1, or no steps.
    """
    if num_steps < 1 or not 0 <= warmup <= hold < 1:
        raise ValueError("a schedule needs at least one step and 0 <= warmup <= hold < 1")

    def factor(step: int) -> float:
        rise = (step + 1) / (warmup * num_steps + 1)
        fall = (num_steps - step) / (num_steps * (1 - hold))
        return max(0.0, min(1.0, rise, fall))

    return factor


class ScheduledValue:
    """A 0-dim tensor that follows a function of the step, where no optimizer holds it.

    The loop steps it like a learning rate; a training step reads `value`.

    Args:
        function: from the number of steps done to the value.
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
    """From near zero to one over `num_steps` steps, linearly; one from then on."""
    return lambda step: min(1.0, (step + 1) / max(1.0, math.ceil(num_steps)))
