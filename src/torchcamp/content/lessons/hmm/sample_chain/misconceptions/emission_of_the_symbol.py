"""Each of your symbols is emitted by the next step's state.

Draw the state, let **it** emit, then move on.

Caught by: check_emits. Catalogue: H3.
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
        probs = transition[state[0]]
        follower = torch.multinomial(probs, 1, generator=generator)
        symbols.append(torch.multinomial(emission[follower[0]], 1, generator=generator))
    return torch.cat(states), torch.cat(symbols)
