"""Your rows do not go on in the next chunk.

You cut the text into pieces of T and stacked B of them. Then row 0 of the next chunk is text
from far behind, while the state carried along knows what row 0 ended with. Cut into B long
stretches first.

Caught by: check_chunks_go_on. Catalogue: R15.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    num_chunks = (len(text) - 1) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[:used].view(num_chunks, batch_size, num_steps)
    targets = text[1 : used + 1].view(num_chunks, batch_size, num_steps)
    return list(zip(inputs, targets, strict=True))
