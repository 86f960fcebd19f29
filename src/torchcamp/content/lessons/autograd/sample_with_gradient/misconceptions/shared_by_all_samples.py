"""All your samples share one draw of the noise.

Each row needs noise of its own: `torch.randn(num_samples, D)`.

Caught by: check_drawn_apart.
"""

import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    noise = torch.randn(*mean.shape).expand(num_samples, -1)
    return mean + std * noise
