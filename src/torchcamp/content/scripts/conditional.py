"""A conditional generator that begins with small weights."""

import torch
import torch.nn.functional as F
from torch import nn


def init_weights(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


class Generator(nn.Module):
    def __init__(self, latent_dim=32, num_classes=10):
        super().__init__()
        self.num_classes = num_classes
        self.from_noise = nn.Linear(latent_dim, 100)
        self.from_class = nn.Linear(num_classes, 100)
        self.pixels = nn.Linear(200, 784)

    def forward(self, z, labels):
        rows = F.one_hot(labels).float()
        both = torch.cat([self.from_noise(z), self.from_class(rows)], dim=1)
        return torch.sigmoid(self.pixels(both))


def make():
    generator = Generator()
    init_weights(generator)
    return generator


if __name__ == "__main__":
    print(make()(torch.randn(10, 32), torch.arange(10)).shape)
