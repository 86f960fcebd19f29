"""You did not expect the prefix.

`DataParallel` and `DistributedDataParallel` hold the network as their `module`, so each key of
theirs begins with `module.`. Take it away before loading.

Caught by: check_wrapped. Catalogue: N12.
"""

from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    network.load_state_dict(saved)
