"""You standardized every row.

`dim=1` compares the features of one example with each other. A feature is compared across
examples: along the rows, `dim=0`.

Caught by: check_training_table.
"""

from torch import Tensor


def standardize_features(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    rows = [
        (t - t.mean(1, keepdim=True)) / t.std(1, keepdim=True).clamp(min=1e-8)
        for t in (train, test)
    ]
    return rows[0], rows[1]
