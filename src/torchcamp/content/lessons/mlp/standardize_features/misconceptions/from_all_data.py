"""You took mean and std over both tables.

Then the training has seen something of the test, and the measured result is a little too good: a
leak. Everything that is learnt, means too, is learnt from the training table.

Caught by: check_training_table. Catalogue: M8.
"""

import torch
from torch import Tensor


def standardize_features(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    both = torch.cat([train, test])
    mean, std = both.mean(dim=0), both.std(dim=0).clamp(min=1e-8)
    return (train - mean) / std, (test - mean) / std
