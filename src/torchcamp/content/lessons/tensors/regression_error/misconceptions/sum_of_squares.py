"""You summed and did not divide.

With a sum, the error and its gradient grow with the batch: the same learning rate takes a step
four times as long for four times the rows.

Caught by: check_worked.
"""

from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return ((prediction.squeeze(1) - target) ** 2).sum()
