"""In your backward pass the transition goes the wrong way.

beta(r) looks ahead: from r to every s, so it sums along the row r: `transition @ (...)`.

Caught by: check_all_steps. Catalogue: H1.
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
        beta = (emission[:, symbol] * beta) @ transition
        beta = beta / beta.sum()
        betas.append(beta)
    posterior = torch.stack(alphas) * torch.stack(betas[::-1])
    return posterior / posterior.sum(dim=1, keepdim=True)
