"""You used alpha only.

That is the probability of each state given what came **up to** then (filtering). What comes
later says something about it too: multiply by beta.

Caught by: check_all_steps.
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
    posterior = torch.stack(alphas)
    return posterior / posterior.sum(dim=1, keepdim=True)
