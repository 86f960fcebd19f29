"""You drew each pile by itself.

Two draws know nothing of each other, so examples land in two piles: you would test on what you
trained on. Shuffle once and cut.

Caught by: check_every_example_once.
"""

import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    generator = torch.Generator().manual_seed(seed)
    sizes = int(n * validation), int(n * test)
    piles = [torch.randperm(n, generator=generator).tolist() for _ in range(3)]
    return piles[0][: n - sum(sizes)], piles[1][: sizes[0]], piles[2][: sizes[1]]
