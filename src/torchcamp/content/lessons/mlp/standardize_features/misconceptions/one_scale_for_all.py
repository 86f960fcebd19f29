"""You took one mean and one std for all features.

Metres and grams then share a scale. Each column gets its own: `dim=0`.

Caught by: check_training_table.
"""

from torch import Tensor


def standardize_features(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = train.mean(), train.std().clamp(min=1e-8)
    return (train - mean) / std, (test - mean) / std
