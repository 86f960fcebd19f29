"""The clips stay apart now. The other line is still wrong: the hidden layers stand in a plain list.

`nn.Module` does not look into lists, so `parameters()` gives the optimizer the output layer
only. `nn.ModuleList` is the list that it looks into.

Caught by: check_every_layer_learns. Catalogue: T8.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Network(nn.Module):
    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.layers = [nn.Linear(num_features, 16), nn.Linear(16, 16)]
        self.output = nn.Linear(16, num_classes)

    def forward(self, clips: Tensor) -> Tensor:
        x = clips
        for layer in self.layers:
            x = F.relu(layer(x))
        last = x[:, -1]
        return self.output(last)


def train(clips: Tensor, labels: Tensor, num_steps: int) -> Network:
    torch.manual_seed(0)
    network = Network(clips.shape[2], int(labels.max()) + 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.2)
    for _ in range(num_steps):
        loss = F.cross_entropy(network(clips), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network
