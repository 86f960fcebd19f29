from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    """Pairs of inputs and targets, each (batch_size, num_steps).

    Args:
        text: (N,), int64.
    """
    num_chunks = (len(text) - 1) // (batch_size * num_steps)
    used = num_chunks * num_steps * batch_size
    inputs = text[:used].view(batch_size, -1)
    targets = text[1 : used + 1].view(batch_size, -1)
    return list(zip(inputs.split(num_steps, dim=1), targets.split(num_steps, dim=1), strict=True))
