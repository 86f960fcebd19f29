"""You shifted inside each row, so that its last target is its first character.

`roll` moves around the edge. The successor of a row's last character stands in the text: shift
the text, then cut.

Caught by: check_targets.
"""

from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    num_chunks = (len(text) - 1) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[:used].view(batch_size, -1)
    return list(
        zip(
            inputs.split(num_steps, dim=1),
            [part.roll(-1, dims=1) for part in inputs.split(num_steps, dim=1)],
            strict=True,
        )
    )
