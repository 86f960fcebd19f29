"""You removed `module.` wherever it stood in a key.

A layer may be called `submodule`: its `submodule.weight` became `subweight`. Only the beginning
of the key is the prefix: `removeprefix`.

Caught by: check_plain. Catalogue: N12.
"""

from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    network.load_state_dict({key.replace("module.", ""): value for key, value in saved.items()})
