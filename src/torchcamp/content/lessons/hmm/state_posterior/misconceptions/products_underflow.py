"""Your products become 0.

A posterior is a ratio, and 0 / 0 is nan. Divide each alpha and each beta by its sum on the way:
the ratio does not notice.

Caught by: check_long. Catalogue: H6.
"""

import torch
from torch import Tensor


def state_posterior(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    alphas = []
    alpha = initial * emission[:, symbols[0]]
    for symbol in symbols[1:]:
        alphas.append(alpha)
        alpha = (alphas[-1] @ transition) * emission[:, symbol]
    alphas.append(alpha)
    beta = torch.ones(len(initial))
    betas = [beta]
    for symbol in symbols[1:].flip(0):
        beta = transition @ (emission[:, symbol] * beta)
        betas.append(beta)
    posterior = torch.stack(alphas) * torch.stack(betas[::-1])
    return posterior / posterior.sum(dim=1, keepdim=True)
