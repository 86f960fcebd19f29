"""You took the best state at each step.

best(s) is about paths that **end** at t. Which state a path passed at t is decided by what comes
later; only the pointers know. Keep them, and walk back from the end.

Caught by: check_random_chains. Catalogue: H8.
"""

import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    best = initial.log() + emission[:, symbols[0]].log()
    path = [int(best.argmax())]
    for symbol in symbols[1:]:
        best, came_from = (best[:, None] + transition.log()).max(dim=0)
        best = best + emission[:, symbol].log()
        path.append(int(best.argmax()))
    return torch.tensor(path)
