import torch
from torch import Tensor, nn


def interpolate(a: Tensor, b: Tensor, num_steps: int) -> Tensor:
    """Codes (num_steps, Z) from a to b, both (Z,), ends included."""
    share = torch.linspace(0, 1, num_steps)[:, None]
    return (1 - share) * a + share * b


def reconstruct(encoder: nn.Module, decoder: nn.Module, x: Tensor) -> Tensor:
    """Probabilities of the pixels (B, X) from the mean of each picture's code."""
    mu, _ = encoder(x)
    return torch.sigmoid(decoder(mu))
