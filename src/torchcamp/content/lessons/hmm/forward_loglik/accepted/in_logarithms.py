import torch
from torch import Tensor


def forward_loglik(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    alpha = initial.log() + emission[:, symbols[0]].log()
    for symbol in symbols[1:]:
        alpha = (
            torch.logsumexp(alpha[:, None] + transition.log(), dim=0) + emission[:, symbol].log()
        )
    return torch.logsumexp(alpha, dim=0)
