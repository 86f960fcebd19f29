"""You took a fall for the end.

A gain below the tolerance means that EM has arrived, as long as it is a gain. The likelihood of
EM cannot fall: say so with an error.

Caught by: check_fall. Catalogue: H18.
"""

import torch
from torch import Tensor


def draw(*shape: int, generator: torch.Generator) -> Tensor:
    counts = torch.rand(*shape, generator=generator) + 0.5
    return counts / counts.sum(dim=-1, keepdim=True)


def begin(num_states: int, num_symbols: int, generator: torch.Generator) -> list[Tensor]:
    initial = torch.full((num_states,), 1 / num_states)
    transition = torch.full((num_states, num_states), 1 / num_states)
    emission = draw(num_states, num_symbols, generator=generator)
    return [initial, transition, emission]


def has_converged(log_likelihoods: list[float], tolerance: float = 1e-4) -> bool:
    if len(log_likelihoods) < 2:
        return False
    gain = log_likelihoods[-1] - log_likelihoods[-2]
    return gain < tolerance
