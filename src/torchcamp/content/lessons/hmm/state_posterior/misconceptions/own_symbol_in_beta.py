"""Your beta counts a step's own symbol twice.

alpha already holds the symbol of its own step. beta begins with what comes **after**: at the
last step it is 1.

Caught by: check_last_step.
"""

import torch
from torch import Tensor


def state_posterior(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    alphas = []
    alpha = initial * emission[:, symbols[0]]
    for symbol in symbols[1:]:
        alphas.append(alpha / alpha.sum())
        alpha = (alphas[-1] @ transition) * emission[:, symbol]
    alphas.append(alpha / alpha.sum())
    beta = emission[:, symbols[-1]]
    betas = [beta]
    for symbol in symbols[:-1].flip(0):
        beta = (transition @ beta) * emission[:, symbol]
        beta = beta / beta.sum()
        betas.append(beta)
    posterior = torch.stack(alphas) * torch.stack(betas[::-1])
    return posterior / posterior.sum(dim=1, keepdim=True)
