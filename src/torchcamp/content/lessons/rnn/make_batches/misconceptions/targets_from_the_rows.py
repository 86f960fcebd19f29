"""You shifted inside the rows, so the last chunk's targets are a character short.

The successor of a row's last character stands at the beginning of the next row: shift the
**text**, `text[1:]`, then cut both in the same way. The text's last character can be no input.

Caught by: check_number.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    used = len(text) // (batch_size * num_steps) * batch_size * num_steps
    rows = text[:used].view(batch_size, -1)
    starts = range(0, rows.shape[1] - 1, num_steps)
    return [(rows[:, i : i + num_steps], rows[:, i + 1 : i + num_steps + 1]) for i in starts]
