"""What the tests of figures share: a figure's bytes as numbers again."""

import torch


def floats(array: bytes, *shape: int) -> torch.Tensor:
    return torch.frombuffer(bytearray(array), dtype=torch.float32).view(*shape)
