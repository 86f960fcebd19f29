"""Your rows hold every B-th character.

`view(-1, batch_size)` writes the text across the rows; transposing it afterwards gives the right
shape with the wrong content. Cut into stretches: `view(batch_size, -1)`.

Caught by: check_rows_are_text. Catalogue: T2.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    num_chunks = (len(text) - 1) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[:used].view(-1, batch_size).T
    targets = text[1 : used + 1].view(-1, batch_size).T
    return list(zip(inputs.split(num_steps, dim=1), targets.split(num_steps, dim=1), strict=True))
