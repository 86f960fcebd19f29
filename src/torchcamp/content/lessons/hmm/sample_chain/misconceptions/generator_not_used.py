"""You draw with everybody's random numbers.

`generator` was handed to you and is not used: the draws come from the generator that the whole
program shares. The same seed gives other draws each time, and everybody else's change too. Pass
`generator=generator`.

Caught by: check_generator.
"""

import torch
from torch import Tensor


def sample_chain(
    initial: Tensor, transition: Tensor, emission: Tensor, length: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    states, symbols = [], []
    probs = initial
    for _ in range(length):
        state = torch.multinomial(probs, 1)
        states.append(state)
        symbols.append(torch.multinomial(emission[state[0]], 1))
        probs = transition[state[0]]
    return torch.cat(states), torch.cat(symbols)
