"""The end of the training is mended. The states still begin alike.

Two states with the same rows get the same posterior, so the same counts, so the same new rows:
nothing can part them. Something must differ at the beginning, and a random emission is enough.

Caught by: check_states_part. Catalogue: H13.
"""

import torch
from torch import Tensor


def draw(*shape: int, generator: torch.Generator) -> Tensor:
    counts = torch.rand(*shape, generator=generator) + 0.5
    return counts / counts.sum(dim=-1, keepdim=True)


def begin(num_states: int, num_symbols: int, generator: torch.Generator) -> list[Tensor]:
    initial = torch.full((num_states,), 1 / num_states)
    transition = torch.full((num_states, num_states), 1 / num_states)
    emission = torch.full((num_states, num_symbols), 1 / num_symbols)
    return [initial, transition, emission]


def has_converged(log_likelihoods: list[float], tolerance: float = 1e-4) -> bool:
    if len(log_likelihoods) < 2:
        return False
    gain = log_likelihoods[-1] - log_likelihoods[-2]
    if gain < -tolerance:
        raise ValueError(f"the likelihood fell by {-gain:.4f}")
    return gain < tolerance
