"""You exchanged validation and test.

The second pile is for validation: n times `validation`, rounded down.

Caught by: check_sizes.
"""

import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=generator).tolist()
    num_test, num_validation = int(n * validation), int(n * test)
    cut = n - num_validation - num_test
    return order[:cut], order[cut : cut + num_validation], order[cut + num_validation :]
