import torch
from torch import Tensor


def state_posterior(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    """p(state at t | all symbols), (T, S).

    Args:
        initial: (S,). transition: (S, S). emission: (S, V). symbols: (T,), int64.
    """
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
    return posterior / posterior.sum(dim=1, keepdim=True)
