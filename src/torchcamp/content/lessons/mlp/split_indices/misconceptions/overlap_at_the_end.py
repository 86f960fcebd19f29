"""Your validation pile reaches into the test pile.

It is cut from `cut` on without an end. Every slice needs both ends.

Caught by: check_sizes.
"""

import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=generator).tolist()
    num_validation, num_test = int(n * validation), int(n * test)
    cut = n - num_validation - num_test
    return order[:cut], order[cut:], order[cut + num_validation :]
