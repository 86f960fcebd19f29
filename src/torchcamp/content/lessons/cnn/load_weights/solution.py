from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    """Load `saved` into the network, whole, with or without `module.` before its keys.

    Raises RuntimeError where keys or shapes do not agree.
    """
    network.load_state_dict({key.removeprefix("module."): value for key, value in saved.items()})
