"""You gave the test table a scale of its own.

The same measurement then means one thing in training and another in use, and a single new row
has no standard deviation at all. Apply the training table's numbers.

Caught by: check_test_table. Catalogue: M8.
"""

from torch import Tensor


def standardize_features(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = train.mean(dim=0), train.std(dim=0).clamp(min=1e-8)
    return (train - mean) / std, (test - test.mean(dim=0)) / test.std(dim=0)
