"""You returned the symbols first.

States, then symbols: the first of the pair is the hidden chain.

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
        state = torch.multinomial(probs, 1, generator=generator)
        states.append(state)
        symbols.append(torch.multinomial(emission[state[0]], 1, generator=generator))
        probs = transition[state[0]]
    return torch.cat(symbols), torch.cat(states)
