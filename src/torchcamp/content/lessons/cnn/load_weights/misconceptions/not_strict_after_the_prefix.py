"""The prefix is gone, but you load with `strict=False`.

A file from another version of the network then leaves some layers random, and nobody is told.
Leave `strict` as it is.

Caught by: check_incomplete. Catalogue: N13.
"""

from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    network.load_state_dict(
        {key.removeprefix("module."): value for key, value in saved.items()}, strict=False
    )
