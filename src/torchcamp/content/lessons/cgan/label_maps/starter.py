import torch
from torch import Tensor


def label_maps(images: Tensor, rows: Tensor) -> Tensor:
    """Pictures with a map per class, (B, 1 + K, H, W).

    Args:
        images: (B, 1, H, W). rows: one-hot labels (B, K).
    """
    # TODO: a map per class, beside the picture
    raise NotImplementedError
