"""You drew one number for a whole sample.

The coordinates then rise and fall together. Each has noise of its own.

Caught by: check_drawn_apart.
"""

import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    noise = torch.randn(num_samples, 1)
    return mean + std * noise
