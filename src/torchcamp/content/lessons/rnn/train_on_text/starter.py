import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_on_text(
    network: nn.Module,
    optimizer: Optimizer,
    chunks: list[tuple[Tensor, Tensor]],
    max_norm: float = 1.0,
) -> list[float]:
    """The loss of each chunk in nats per character.

    Args:
        chunks: pairs of inputs and targets (B, T), in the text's order.
    """
    # TODO: the loop over the chunks
    raise NotImplementedError
