"""You drew every state from `initial`.

Then there is no chain: the next state is drawn from the row of `transition` that belongs to the
present one.

Caught by: check_walks.
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
    return torch.cat(states), torch.cat(symbols)
