"""You drew with `torch.normal`.

It draws from the right law, and even says `requires_grad=True`. But the gradient that it passes
on is all zeros, as that of `torch.bernoulli` is: silent, and nothing is learnt. Draw noise, then
build the sample from it.

Caught by: check_gradients. Catalogue: G20.
"""

import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    return torch.normal(mean.expand(num_samples, -1), std.expand(num_samples, -1))
