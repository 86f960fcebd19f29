import torch
from torch import Tensor, nn


@torch.no_grad()
def class_noise_grid(generator: nn.Module, z: Tensor, num_classes: int) -> Tensor:
    columns = len(z)
    noise = z.expand(num_classes, -1, -1).reshape(num_classes * columns, -1)
    labels = torch.arange(num_classes)[:, None].expand(-1, columns).reshape(-1)
    return generator(noise, labels).unflatten(0, (num_classes, columns))
