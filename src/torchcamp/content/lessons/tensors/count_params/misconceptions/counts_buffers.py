"""You counted the buffers.

`state_dict()` holds everything that has to be saved, the running mean and variance of batch norm
among it. They are measured, not learnt: `parameters()` leaves them out.

Caught by: check_buffers.
"""

from torch import nn


def count_params(module: nn.Module) -> int:
    frozen = sum(p.numel() for p in module.parameters() if not p.requires_grad)
    shared = sum(
        t.numel() for t in {t.data_ptr(): t for t in module.state_dict().values()}.values()
    )
    return shared - frozen
