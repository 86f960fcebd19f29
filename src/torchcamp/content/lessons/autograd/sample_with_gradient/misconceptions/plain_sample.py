"""You drew with `sample()`.

Its result is a number that fell from the sky: no tape leads back to mean and std, and nothing
raises until `backward()`. `rsample()`, or mean + std * noise, keeps the way.

Caught by: check_gradients. Catalogue: G20.
"""

from torch import Tensor
from torch.distributions import Normal


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    return Normal(mean, std).sample((num_samples,))
