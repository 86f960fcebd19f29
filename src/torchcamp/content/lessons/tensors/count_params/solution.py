from torch import nn


def count_params(module: nn.Module) -> int:
    """Number of trainable entries in the parameters of `module` and all modules in it."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)
