import torch
from torch import Tensor


def draw(*shape: int, generator: torch.Generator) -> Tensor:
    """Random rows that sum to 1."""
    counts = torch.rand(*shape, generator=generator) + 0.5
    return counts / counts.sum(dim=-1, keepdim=True)


def begin(num_states: int, num_symbols: int, generator: torch.Generator) -> list[Tensor]:
    """The tables that EM begins with: initial (S,), transition (S, S), emission (S, V)."""
    # TODO: one line of `begin` is wrong, and one of `has_converged`. Mend them.
    initial = torch.full((num_states,), 1 / num_states)
    transition = torch.full((num_states, num_states), 1 / num_states)
    emission = torch.full((num_states, num_symbols), 1 / num_symbols)
    return [initial, transition, emission]


def has_converged(log_likelihoods: list[float], tolerance: float = 1e-4) -> bool:
    """Whether the last step gained next to nothing; a fall is an error, never an end."""
    if len(log_likelihoods) < 2:
        return False
    gain = abs(log_likelihoods[-1] - log_likelihoods[-2])
    if gain < -tolerance:
        raise ValueError(f"the likelihood fell by {-gain:.4f}")
    return gain < tolerance
