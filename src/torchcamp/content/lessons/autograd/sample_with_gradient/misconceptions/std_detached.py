"""No gradient reaches std.

`.item()`, `.data`, `.detach()` or `no_grad` cut it off. How far a point lies out is what std
decides, so it must stay on the tape.

Caught by: check_gradients.
"""

import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    noise = torch.randn(num_samples, *mean.shape)
    return mean + std.detach() * noise
