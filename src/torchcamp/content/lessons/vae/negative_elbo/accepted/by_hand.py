import torch.nn.functional as F
from torch import Tensor


def negative_elbo(x: Tensor, logits: Tensor, kl: Tensor) -> Tensor:
    log_p = (x * logits - F.softplus(logits)).sum(-1)
    return -(log_p - kl).mean()
