import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    """Draws (num_samples, D) of N(mean, std), differentiable in both.

    Args:
        mean, std: (D,), std above 0.
    """
    noise = torch.randn(num_samples, *mean.shape)
    return mean + std * noise
