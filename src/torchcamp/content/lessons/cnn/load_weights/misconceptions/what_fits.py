"""You loaded what fits and left out the rest.

Copying only the keys that agree is `strict=False` by hand: missing layers stay random. Raise an
error.

Caught by: check_incomplete. Catalogue: N13.
"""

from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    own = network.state_dict()
    for key, value in saved.items():
        name = key.removeprefix("module.")
        if name in own and own[name].shape == value.shape:
            own[name].copy_(value)
