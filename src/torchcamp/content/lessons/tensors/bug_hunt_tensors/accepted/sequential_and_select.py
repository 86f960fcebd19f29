import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Network(nn.Module):
    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.first = nn.Linear(num_features, 16)
        self.second = nn.Linear(16, 16)
        self.output = nn.Linear(16, num_classes)

    def forward(self, clips: Tensor) -> Tensor:
        x = F.relu(self.second(F.relu(self.first(clips))))
        return self.output(x.transpose(0, 1)[-1])


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
