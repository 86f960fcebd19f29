"""You halved it.

Textbooks put ½ in front so that the 2 of the derivative cancels. Here, and in `F.mse_loss`, it
is the plain mean.

Caught by: check_worked.
"""

from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return ((prediction.squeeze(1) - target) ** 2).mean() / 2
