"""You squared the mean difference.

Errors of opposite sign then cancel: one too high and one too low would count as perfect. Square
first, average afterwards.

Caught by: check_worked.
"""

from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return (prediction.squeeze(1) - target).mean() ** 2
