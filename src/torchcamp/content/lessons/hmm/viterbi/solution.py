import torch
from torch import Tensor


def viterbi(initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor) -> Tensor:
    """The likeliest path of states (T,), int64.

    Args:
        initial: (S,). transition: (S, S). emission: (S, V). symbols: (T,), int64.
    """
    best = initial.log() + emission[:, symbols[0]].log()
    pointers = []
    for symbol in symbols[1:]:
        best, came_from = (best[:, None] + transition.log()).max(dim=0)
        best = best + emission[:, symbol].log()
        pointers.append(came_from)
    path = [int(best.argmax())]
    for came_from in reversed(pointers):
        path.append(int(came_from[path[-1]]))
    return torch.tensor(path[::-1])
