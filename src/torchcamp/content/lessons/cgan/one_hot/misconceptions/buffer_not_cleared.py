"""You write into one buffer and never clear it.

The ones of earlier batches stay: soon every row says that it is every class. Make new rows, or
fill with 0 first.

Caught by: check_anew. Catalogue: Q8.
"""

import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    if _rows.shape != (len(labels), num_classes):
        _rows.resize_(len(labels), num_classes).zero_()
    return _rows.scatter_(1, labels[:, None], 1.0)


_rows = torch.zeros(0)
