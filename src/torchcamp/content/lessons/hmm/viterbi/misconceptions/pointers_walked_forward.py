"""You followed the pointers from the beginning.

A pointer says where a state was reached **from**. Read forwards it answers a question that
nobody asked: begin at the best last state and go back.

Caught by: check_two_steps. Catalogue: H9.
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
    path = [int((initial * emission[:, symbols[0]]).argmax())]
    for came_from in pointers:
        path.append(int(came_from[path[-1]]))
    return torch.tensor(path)
