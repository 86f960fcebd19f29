"""You replaced nan by a number.

`nan_to_num` puts 0 where sigmoid should be 1, and the gradient there is still nan. Choose a form
in which no nan arises.

Caught by: check_sigmoid_far_out.
"""

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    return torch.nan_to_num(torch.exp(x) / (torch.exp(x) + 1))


def tanh(x: Tensor) -> Tensor:
    return 2 / (1 + torch.exp(-2 * x)) - 1
