import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_step(network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor) -> Tensor:
    network.zero_grad()
    log_probs = F.log_softmax(network(images), dim=1)
    loss = -log_probs[torch.arange(len(labels)), labels].mean()
    loss.backward()
    optimizer.step()
    return torch.tensor(loss.item())
