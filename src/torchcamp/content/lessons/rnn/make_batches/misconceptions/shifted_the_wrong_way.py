"""Your targets are the characters before.

The network has just read them: it needs only to remember. The target comes after: `text[1:]`.

Caught by: check_targets. Catalogue: R10.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    num_chunks = (len(text) - 1) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[1 : used + 1].view(batch_size, -1)
    targets = text[:used].view(batch_size, -1)
    return list(zip(inputs.split(num_steps, dim=1), targets.split(num_steps, dim=1), strict=True))
