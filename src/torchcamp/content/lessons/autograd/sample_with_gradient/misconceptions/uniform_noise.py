"""You drew uniform noise.

`torch.rand` lies between 0 and 1: its mean is 0.5 and nothing is ever far out. `torch.randn` is
the normal law.

Caught by: check_law.
"""

import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    noise = torch.rand(num_samples, *mean.shape)
    return mean + std * noise
