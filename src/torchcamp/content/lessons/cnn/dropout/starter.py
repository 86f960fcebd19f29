import torch
import torch.nn.functional as F
from torch import Tensor


def dropout(x: Tensor, p: float, training: bool) -> Tensor:
    """Zero with probability p, the rest divided by 1 - p; x itself where not `training`."""
    # TODO: drop in training, do nothing in use
    raise NotImplementedError
