"""Your targets are the characters themselves.

A network that copies its input is then perfect: the loss goes to 0, and what it writes is one
letter for ever. It must predict the **next** character.

Caught by: check_targets. Catalogue: R10.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    num_chunks = (len(text) - 1) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[:used].view(batch_size, -1)
    targets = text[:used].view(batch_size, -1)
    return list(zip(inputs.split(num_steps, dim=1), targets.split(num_steps, dim=1), strict=True))
