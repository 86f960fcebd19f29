"""The rows of your emission are no probabilities: they do not sum to 1.

`torch.rand` gives numbers; `draw` gives rows. It stands above for this.

Caught by: check_states_part.
"""

import torch
from torch import Tensor


def draw(*shape: int, generator: torch.Generator) -> Tensor:
    counts = torch.rand(*shape, generator=generator) + 0.5
    return counts / counts.sum(dim=-1, keepdim=True)


def begin(num_states: int, num_symbols: int, generator: torch.Generator) -> list[Tensor]:
    initial = torch.full((num_states,), 1 / num_states)
    transition = torch.full((num_states, num_states), 1 / num_states)
    emission = torch.rand(num_states, num_symbols, generator=generator)
    return [initial, transition, emission]


def has_converged(log_likelihoods: list[float], tolerance: float = 1e-4) -> bool:
    if len(log_likelihoods) < 2:
        return False
    gain = log_likelihoods[-1] - log_likelihoods[-2]
    if gain < -tolerance:
        raise ValueError(f"the likelihood fell by {-gain:.4f}")
    return gain < tolerance
