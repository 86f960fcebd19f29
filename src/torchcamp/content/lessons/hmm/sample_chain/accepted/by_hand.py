import torch
from torch import Tensor


def sample_chain(
    initial: Tensor, transition: Tensor, emission: Tensor, length: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    state = int(torch.multinomial(initial, 1, generator=generator))
    states = [state]
    for _ in range(length - 1):
        state = int(torch.multinomial(transition[state], 1, generator=generator))
        states.append(state)
    states = torch.tensor(states)
    return states, torch.multinomial(emission[states], 1, generator=generator)[:, 0]
