"""You cut the first seven characters off every key.

That fits wrapped files only. `removeprefix` takes the prefix away where there is one, and leaves
other keys as they are.

Caught by: check_plain. Catalogue: N12.
"""

from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    network.load_state_dict({key[len("module.") :]: value for key, value in saved.items()})
