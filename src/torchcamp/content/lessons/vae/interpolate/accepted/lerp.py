import torch
from torch import Tensor, nn


def interpolate(a: Tensor, b: Tensor, num_steps: int) -> Tensor:
    return torch.stack([torch.lerp(a, b, n / (num_steps - 1)) for n in range(num_steps)])


def reconstruct(encoder: nn.Module, decoder: nn.Module, x: Tensor) -> Tensor:
    return decoder(encoder(x)[0]).sigmoid()
