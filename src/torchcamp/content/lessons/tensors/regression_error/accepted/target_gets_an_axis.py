import torch.nn.functional as F
from torch import Tensor


def regression_error(prediction: Tensor, target: Tensor) -> Tensor:
    return F.mse_loss(prediction, target[:, None])
