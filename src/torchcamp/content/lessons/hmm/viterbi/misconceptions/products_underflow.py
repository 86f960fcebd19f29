"""Your products become 0.

From then on all paths are equally impossible, and the maximum means nothing. Add logarithms.

Caught by: check_long. Catalogue: H6.
"""

import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    best, table = initial * emission[:, symbols[0]], []
    for symbol in symbols[1:]:
        ways = best[:, None] * transition
        best, came_from = ways.max(dim=0)
        best = best * emission[:, symbol]
        table.append(came_from)
    path = [int(best.argmax())]
    for came_from in reversed(table):
        path.append(int(came_from[path[-1]]))
    return torch.tensor(path[::-1])
