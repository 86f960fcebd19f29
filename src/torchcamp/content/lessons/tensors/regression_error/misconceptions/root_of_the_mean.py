"""You took the root of the mean.

That is the RMSE: good for reporting, in the target's own unit. The mean squared error has no
root, and its gradient grows with the error, which the root's does not.

Caught by: check_worked. Catalogue: C14.
"""

from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return ((prediction.squeeze(1) - target) ** 2).mean().sqrt()
