import torch
from torch import Tensor
from torch.distributions import Normal


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    """Draws (num_samples, D) of N(mean, std), differentiable in both.

    Args:
        mean, std: (D,), std above 0.
    """
    # TODO: the noise, then the sample
    raise NotImplementedError
