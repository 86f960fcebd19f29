"""Your product becomes 0.

Each step multiplies by something like 0.3. After a hundred steps that is below the smallest
float, and the logarithm of 0 is -inf. Divide alpha by its sum at every step.

Caught by: check_long. Catalogue: H6.
"""

from torch import Tensor


def forward_loglik(
    initial: Tensor, transition: Tensor, emission: Tensor, symbols: Tensor
) -> Tensor:
    alpha = initial
    for t, symbol in enumerate(symbols):
        if t > 0:
            alpha = alpha @ transition
        alpha = alpha * emission[:, symbol]
    return alpha.sum().log()
