import torch
from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    """`network(images)` in eval mode, without a graph; the network is left as it was."""
    was_training = network.training
    network.eval()
    with torch.no_grad():
        features = network(images)
    network.train(was_training)
    return features
