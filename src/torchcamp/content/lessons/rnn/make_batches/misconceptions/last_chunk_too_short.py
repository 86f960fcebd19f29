"""Your last chunk is not full, or wants a target that does not exist.

The last character of the text has no successor: N - 1 characters can be inputs.

Caught by: check_number.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    num_chunks = len(text) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[:used].view(batch_size, -1)
    targets = text[1 : used + 1].view(batch_size, -1)
    return list(zip(inputs.split(num_steps, dim=1), targets.split(num_steps, dim=1), strict=True))
