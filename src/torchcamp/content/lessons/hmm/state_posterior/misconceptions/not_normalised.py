"""Your rows do not sum to 1.

alpha times beta is the probability of the state **and** of all symbols. Given the symbols,
divide by its sum over the states.

Caught by: check_sums.
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
    beta = torch.ones(len(initial))
    betas = [beta]
    for symbol in symbols[1:].flip(0):
        beta = transition @ (emission[:, symbol] * beta)
        beta = beta / beta.sum()
        betas.append(beta)
    posterior = torch.stack(alphas) * torch.stack(betas[::-1])
    return posterior
