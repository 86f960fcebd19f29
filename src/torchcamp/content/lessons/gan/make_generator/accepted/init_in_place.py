import torch
from torch import Tensor, nn


class Generator(nn.Module):
    def __init__(self, latent_dim: int, image_size: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(latent_dim, 64)
        self.pixels = nn.Linear(64, image_size * image_size)
        self.size = image_size
        for layer in (self.hidden, self.pixels):
            init_weights(layer)

    def forward(self, z: Tensor) -> Tensor:
        x = torch.sigmoid(self.pixels(self.hidden(z).relu()))
        return x.unflatten(1, (1, self.size, self.size))


def init_weights(module: nn.Module) -> None:
    nn.init.normal_(module.weight, 0.0, 0.02)
    module.bias.data.zero_()
