import torch
from torch import Tensor


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.empty_like(mu).normal_(generator=generator)
    return torch.addcmul(mu, torch.exp(logvar).sqrt(), noise)
