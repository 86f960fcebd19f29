"""You returned the label itself as a float.

Then class 9 is nine times class 1, and 4 lies between 3 and 5 for every layer. Classes have no
order: a place of its own for each.

Caught by: check_width. Catalogue: Q4.
"""

from torch import Tensor


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    return labels[:, None].float()
