from torch import nn


def count_params(module: nn.Module) -> int:
    total = 0
    for parameter in module.parameters():
        if parameter.requires_grad:
            size = 1
            for length in parameter.shape:
                size *= length
            total += size
    return total
