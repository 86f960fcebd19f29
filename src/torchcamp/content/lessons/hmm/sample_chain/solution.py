import torch
from torch import Tensor


def sample_chain(
    initial: Tensor, transition: Tensor, emission: Tensor, length: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """States and symbols, both (length,), int64.

    Args:
        initial: (S,). transition: (S, S). emission: (S, V).
    """
    states, symbols = [], []
    probs = initial
    for _ in range(length):
        state = torch.multinomial(probs, 1, generator=generator)
        states.append(state)
        symbols.append(torch.multinomial(emission[state[0]], 1, generator=generator))
        probs = transition[state[0]]
    return torch.cat(states), torch.cat(symbols)
