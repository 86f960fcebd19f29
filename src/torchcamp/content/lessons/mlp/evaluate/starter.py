import torch
import torch.nn.functional as F
from torch import Tensor, nn


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, batch_size: int
) -> tuple[float, float]:
    """Accuracy and mean cross-entropy over all images.

    Args:
        network: images (B, ...) to logits (B, K).
        images: (N, ...).
        labels: (N,) class indices.
        batch_size: images that go through the network at once.
    """
    # TODO: go through the batches and count
    raise NotImplementedError
