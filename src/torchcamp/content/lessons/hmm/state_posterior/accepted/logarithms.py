import torch
from torch import Tensor


def state_posterior(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    log_a, log_b = transition.log(), emission.log()
    alpha = [initial.log() + log_b[:, symbols[0]]]
    for symbol in symbols[1:]:
        alpha.append(torch.logsumexp(alpha[-1][:, None] + log_a, dim=0) + log_b[:, symbol])
    beta = [torch.zeros(len(initial))]
    for symbol in symbols[1:].flip(0):
        beta.insert(0, torch.logsumexp(log_a + log_b[:, symbol] + beta[0], dim=1))
    return torch.softmax(torch.stack(alpha) + torch.stack(beta), dim=1)
