"""You seeded the generator that everybody shares.

`torch.manual_seed` also decides the network's weights, dropout and the order of batches: after
your call they are no longer what the program's own seed meant. Make a generator of your own.

Caught by: check_others_undisturbed.
"""

import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    torch.manual_seed(seed)
    order = torch.randperm(n).tolist()
    num_validation, num_test = int(n * validation), int(n * test)
    cut = n - num_validation - num_test
    return order[:cut], order[cut : cut + num_validation], order[cut + num_validation :]
