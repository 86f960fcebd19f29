"""You took the likeliest state of each step, given the whole sequence.

That is the posterior, and each answer is right by itself. Strung together they need not be a
path: between two of them there may be a transition of probability 0.

Caught by: check_random_chains. Catalogue: H10.
"""

import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    alphas, alpha = [], initial * emission[:, symbols[0]]
    for t, symbol in enumerate(symbols):
        if t > 0:
            alpha = (alpha @ transition) * emission[:, symbol]
        alpha = alpha / alpha.sum()
        alphas.append(alpha)
    beta, path = torch.ones(len(initial)), []
    for t in range(len(symbols) - 1, -1, -1):
        path.append(int((alphas[t] * beta).argmax()))
        beta = transition @ (emission[:, symbols[t]] * beta)
        beta = beta / beta.sum()
    return torch.tensor(path[::-1])
