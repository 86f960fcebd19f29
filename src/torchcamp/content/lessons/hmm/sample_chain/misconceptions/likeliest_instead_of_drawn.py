"""You took the likeliest instead of drawing.

argmax always gives the same sequence. Sampling means that an outcome of probability 0.1 comes up
once in ten times: `torch.multinomial`.

Caught by: check_shares.
"""

import torch
from torch import Tensor


def sample_chain(
    initial: Tensor, transition: Tensor, emission: Tensor, length: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    states, symbols = [], []
    probs = initial
    for _ in range(length):
        state = probs.argmax()[None]
        states.append(state)
        symbols.append(emission[state[0]].argmax()[None])
        probs = transition[state[0]]
    return torch.cat(states), torch.cat(symbols)
