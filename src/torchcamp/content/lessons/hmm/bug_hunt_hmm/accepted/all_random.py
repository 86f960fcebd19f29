import torch
from torch import Tensor


def draw(*shape: int, generator: torch.Generator) -> Tensor:
    counts = torch.rand(*shape, generator=generator) + 0.5
    return counts / counts.sum(dim=-1, keepdim=True)


def begin(num_states: int, num_symbols: int, generator: torch.Generator) -> list[Tensor]:
    return [
        draw(num_states, generator=generator),
        draw(num_states, num_states, generator=generator),
        draw(num_states, num_symbols, generator=generator),
    ]


def has_converged(log_likelihoods: list[float], tolerance: float = 1e-4) -> bool:
    if len(log_likelihoods) < 2:
        return False
    gain = log_likelihoods[-1] - log_likelihoods[-2]
    if gain < -tolerance:
        raise ValueError("the likelihood fell")
    return gain < tolerance
