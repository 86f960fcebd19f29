"""You multiplied by the variance.

Noise of standard deviation 1, times std, has standard deviation std. Squared it would be the
variance.

Caught by: check_law.
"""

import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    noise = torch.randn(num_samples, *mean.shape)
    return mean + std**2 * noise
