"""You cut without shuffling.

Files are often sorted: the last tenth may be one single class.

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
    return order[:cut], order[cut : cut + num_validation], order[cut + num_validation :]
