"""Your path is in the wrong order.

You walked from the end to the beginning, so it comes out backwards: turn it around.

Caught by: check_two_steps.
"""

import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    best = initial.log() + emission[:, symbols[0]].log()
    pointers = []
    for symbol in symbols[1:]:
        best, came_from = (best[:, None] + transition.log()).max(dim=0)
        best = best + emission[:, symbol].log()
        pointers.append(came_from)
    path = [int(best.argmax())]
    for came_from in reversed(pointers):
        path.append(int(came_from[path[-1]]))
    return torch.tensor(path)
