"""For a large pull your logarithm is inf.

exp(100) is more than 32 bits hold. `F.softplus` returns the pull itself there, which is right.

Caught by: check_large. Catalogue: B7.
"""

from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v @ weight
    return -v @ visible_bias - (1 + pull.exp()).log().sum(dim=1)
