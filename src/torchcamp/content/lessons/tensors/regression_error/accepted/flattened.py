from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return (prediction.flatten() - target).pow(2).mean()
