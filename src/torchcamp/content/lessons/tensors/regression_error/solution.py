from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of predictions (N, 1) against targets (N,); a scalar."""
    return ((prediction.squeeze(1) - target) ** 2).mean()
