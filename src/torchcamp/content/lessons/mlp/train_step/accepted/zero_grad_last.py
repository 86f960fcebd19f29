import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    loss = F.cross_entropy(network(images), labels)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()
