"""How the learning rate moves: functions from a step to a factor, for torch's `LambdaLR`."""

from collections.abc import Callable


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
