"""You left out the biases.

A layer's bias is learnt too: one number per output.

Caught by: check_one_layer. Catalogue: V18.
"""

from torch import nn


def count_params(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.dim() > 1 and p.requires_grad)
