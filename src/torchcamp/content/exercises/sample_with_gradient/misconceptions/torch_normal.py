"""You drew with `torch.normal`.

It draws from the right law, and what it says of gradients is misleading: whether or not the
result has a `grad_fn`, no gradient reaches mean and std through it. Draw noise, then build the
sample from it.

Caught by: check_gradients. Catalogue: G20.
"""

import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    return torch.normal(mean.expand(num_samples, -1), std.expand(num_samples, -1)) + 0 * mean
