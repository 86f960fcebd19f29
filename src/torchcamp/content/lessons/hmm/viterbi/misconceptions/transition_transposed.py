"""You took the maximum over the wrong axis.

In `best[:, None] + transition.log()` rows are where the path comes from, columns where it goes.
The best way **to** each state is the maximum over the rows: `dim=0`.

Caught by: check_two_steps. Catalogue: H1.
"""

import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    best = initial.log() + emission[:, symbols[0]].log()
    pointers = []
    for symbol in symbols[1:]:
        best, came_from = (best[:, None] + transition.log()).max(dim=1)
        best = best + emission[:, symbol].log()
        pointers.append(came_from)
    path = [int(best.argmax())]
    for came_from in reversed(pointers):
        path.append(int(came_from[path[-1]]))
    return torch.tensor(path[::-1])
