"""Your chain moves before it emits for the first time.

The first state is the one drawn from `initial`, and it emits the first symbol. Only then the
chain moves.

Caught by: check_begins.
"""

import torch
from torch import Tensor


def sample_chain(
    initial: Tensor, transition: Tensor, emission: Tensor, length: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    states, symbols = [], []
    probs = transition[int(torch.multinomial(initial, 1, generator=generator))]
    for _ in range(length):
        state = torch.multinomial(probs, 1, generator=generator)
        states.append(state)
        symbols.append(torch.multinomial(emission[state[0]], 1, generator=generator))
        probs = transition[state[0]]
    return torch.cat(states), torch.cat(symbols)
