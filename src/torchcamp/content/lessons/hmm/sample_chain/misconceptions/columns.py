"""You took the column of the present state.

`transition[r, s]` goes from r to s: where the chain goes from r stands in **row** r.

Caught by: check_walks. Catalogue: H1.
"""

import torch
from torch import Tensor


def sample_chain(
    initial: Tensor, transition: Tensor, emission: Tensor, length: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    states, symbols = [], []
    probs = initial
    for _ in range(length):
        state = torch.multinomial(probs, 1, generator=generator)
        states.append(state)
        symbols.append(torch.multinomial(emission[state[0]], 1, generator=generator))
        probs = transition[:, state[0]]
    return torch.cat(states), torch.cat(symbols)
