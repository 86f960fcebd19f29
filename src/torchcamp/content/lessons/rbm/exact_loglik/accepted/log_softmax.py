import torch
import torch.nn.functional as F
from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    return -v @ visible_bias - F.softplus(hidden_bias + v @ weight).sum(dim=1)


def exact_loglik(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    bits = torch.arange(2 ** v.shape[1])[:, None] >> torch.arange(v.shape[1]) & 1
    log_p = torch.log_softmax(-free_energy(bits.float(), weight, visible_bias, hidden_bias), dim=0)
    index = (v.long() << torch.arange(v.shape[1])).sum(dim=1)
    return log_p[index].mean()
