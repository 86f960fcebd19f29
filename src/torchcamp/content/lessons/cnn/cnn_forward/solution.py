import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    """Images (B, 1, 28, 28) to logits (B, 10).

    Args:
        network: has conv1, bn1, conv2, bn2, dropout and output.
        images: a batch of pictures in [0, 1].
    """
    x = F.relu(network.bn1(network.conv1(images)))  # (B, 4, 14, 14)
    x = F.relu(network.bn2(network.conv2(x)))  # (B, 6, 14, 14)
    x = F.max_pool2d(x, 2)  # (B, 6, 7, 7)
    x = x.flatten(start_dim=1)  # (B, 294)
    x = network.dropout(x)
    return network.output(x)  # (B, 10)
