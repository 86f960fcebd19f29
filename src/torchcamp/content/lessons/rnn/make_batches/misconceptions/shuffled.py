"""You shuffled the chunks.

For pictures that is right. A state is carried from chunk to chunk here, and it must meet the
text that it came from.

Caught by: check_chunks_go_on. Catalogue: R15.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    num_chunks = (len(text) - 1) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[:used].view(batch_size, -1)
    targets = text[1 : used + 1].view(batch_size, -1)
    import random

    pairs = list(zip(inputs.split(num_steps, dim=1), targets.split(num_steps, dim=1), strict=True))
    random.Random(1).shuffle(pairs)
    return pairs
