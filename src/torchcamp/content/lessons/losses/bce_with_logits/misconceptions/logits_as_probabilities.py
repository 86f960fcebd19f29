"""You took the logits for probabilities.

The logarithm of a negative logit is nan, and `F.binary_cross_entropy` refuses what is not
between 0 and 1. A sigmoid belongs between logits and probabilities; for this loss it is part of
the formula.

Caught by: check_values. Catalogue: C6.
"""

from torch import Tensor


def bce_with_logits(logits: Tensor, target: Tensor) -> Tensor:
    return (-target * logits.log() - (1 - target) * (1 - logits).log()).mean()
