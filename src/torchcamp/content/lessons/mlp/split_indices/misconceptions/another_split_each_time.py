"""You did not use the seed.

The next run, or the next epoch, cuts anew: what was trained on is then in the validation pile,
and the measured accuracy is too good. Shuffle with a generator of your own, seeded with `seed`.

Caught by: check_same_seed. Catalogue: M10.
"""

import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    order = torch.randperm(n).tolist()
    num_validation, num_test = int(n * validation), int(n * test)
    cut = n - num_validation - num_test
    return order[:cut], order[cut : cut + num_validation], order[cut + num_validation :]
