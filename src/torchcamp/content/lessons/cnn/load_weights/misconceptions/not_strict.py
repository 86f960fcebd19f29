"""You silenced the error with `strict=False`.

Then keys that do not agree are passed over: with the prefix **no** key agrees, nothing is
loaded, and the network stays random without a word. The error was right; mend the keys.

Caught by: check_wrapped. Catalogue: N13.
"""

from torch import Tensor, nn


def load_weights(network: nn.Module, saved: dict[str, Tensor]) -> None:
    network.load_state_dict(saved, strict=False)
