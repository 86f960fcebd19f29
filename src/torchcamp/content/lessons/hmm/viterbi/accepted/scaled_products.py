import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    best, table = initial * emission[:, symbols[0]], []
    for t in range(1, len(symbols)):
        ways = best.unsqueeze(1) * transition
        table.append(ways.argmax(dim=0))
        best = ways.amax(dim=0) * emission[:, symbols[t]]
        best = best / best.sum()
    states = torch.empty(len(symbols), dtype=torch.int64)
    states[-1] = best.argmax()
    for t in range(len(symbols) - 1, 0, -1):
        states[t - 1] = table[t - 1][states[t]]
    return states
