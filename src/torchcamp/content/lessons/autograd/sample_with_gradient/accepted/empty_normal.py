import torch
from torch import Tensor


def sample_with_gradient(mean: Tensor, std: Tensor, num_samples: int) -> Tensor:
    noise = torch.empty(num_samples, len(mean)).normal_()
    return torch.addcmul(mean, std, noise)
