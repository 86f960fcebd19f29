"""The beginning is mended. A fall is still taken for a gain.

`abs` throws the sign away: a likelihood that falls by 80 looks like one that rises by 80, and
one that falls by a hair looks converged. EM never falls: if it does, there is a bug.

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
    gain = abs(log_likelihoods[-1] - log_likelihoods[-2])
    if gain < -tolerance:
        raise ValueError(f"the likelihood fell by {-gain:.4f}")
    return gain < tolerance
