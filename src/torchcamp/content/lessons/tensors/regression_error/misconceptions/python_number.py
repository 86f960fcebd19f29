"""You left the tape on the way.

`.item()`, `float(...)`, `.numpy()` and `.detach()` give plain numbers. A loss has to stay a
tensor until `backward()` has been called.

Caught by: check_gradient. Catalogue: G14.
"""

from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return ((prediction.detach().squeeze(1) - target) ** 2).mean()
