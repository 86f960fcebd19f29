import torch
from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    sigma = torch.exp(logvar / 2)
    return torch.sum((mu**2 + sigma**2 - 1) / 2 - torch.log(sigma), dim=-1)
