"""You averaged absolute differences.

That is the mean absolute error. Here large errors are to count more than in proportion: square
them.

Caught by: check_worked.
"""

from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return (prediction.squeeze(1) - target).abs().mean()
