from torch import Tensor


def make_batches(text: Tensor, batch_size: int, num_steps: int) -> list[tuple[Tensor, Tensor]]:
    length = (len(text) - 1) // (batch_size * num_steps) * num_steps
    rows = [text[b * length : (b + 1) * length + 1] for b in range(batch_size)]
    pairs = []
    for start in range(0, length, num_steps):
        stop = start + num_steps
        x = [row[start:stop].tolist() for row in rows]
        y = [row[start + 1 : stop + 1].tolist() for row in rows]
        pairs.append((text.new_tensor(x), text.new_tensor(y)))
    return pairs
