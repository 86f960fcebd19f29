from torch import Tensor
from torch.distributions import Normal


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    return Normal(mean, std).rsample((num_samples,))
