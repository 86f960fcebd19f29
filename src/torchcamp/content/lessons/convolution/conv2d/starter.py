import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Pictures (B, IC, H, W) to (B, OC, OH, OW).

    Args:
        weight: (OC, IC, KH, KW).
        bias: (OC,).
    """
    # TODO: pad, slide, sum
    raise NotImplementedError
