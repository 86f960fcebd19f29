import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def step_in_parts(
    network: nn.Module, optimizer: Optimizer, images: Tensor, labels: Tensor, num_parts: int
) -> None:
    """One step on the mean cross-entropy of the batch, part by part.

    Args:
        network: images (B, ...) to logits (B, K).
        images, labels: (N, ...) and (N,).
    """
    # TODO: one step, from the gradients of all parts
    raise NotImplementedError
