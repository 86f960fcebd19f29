"""You divided by the variance.

It has the square of the feature's unit. Divide by the standard deviation.

Caught by: check_training_table.
"""

from torch import Tensor


def standardize_features(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = train.mean(dim=0), train.var(dim=0).clamp(min=1e-8)
    return (train - mean) / std, (test - mean) / std
