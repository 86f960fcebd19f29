import torch
import torch.nn.functional as F
from torch import Tensor, nn


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int
) -> tuple[float, float]:
    frozen = [module for module in network.modules() if not module.training]
    network.eval()
    accuracy = loss = 0.0
    with torch.inference_mode():
        for start in range(0, len(labels), batch_size):
            x, y = images[start : start + batch_size], labels[start : start + batch_size]
            logits = network(x)
            share = len(y) / len(labels)
            accuracy += share * (logits.argmax(1) == y).float().mean().item()
            loss += share * F.cross_entropy(logits, y).item()
    network.train()
    for module in frozen:
        module.training = False
    return accuracy, loss
