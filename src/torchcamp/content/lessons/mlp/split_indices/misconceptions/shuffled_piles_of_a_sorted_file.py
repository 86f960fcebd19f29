"""You cut first and shuffled the piles afterwards.

The order within a pile is random then, but which examples are in it is not: the last tenth of
the file is the test.

Caught by: check_mixed.
"""

import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    generator = torch.Generator().manual_seed(seed)
    order = list(range(n))
    num_validation, num_test = int(n * validation), int(n * test)
    cut = n - num_validation - num_test
    piles = order[:cut], order[cut : cut + num_validation], order[cut + num_validation :]
    return tuple([p[i] for i in torch.randperm(len(p), generator=generator)] for p in piles)
