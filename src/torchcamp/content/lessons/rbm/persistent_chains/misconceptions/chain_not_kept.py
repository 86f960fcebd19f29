"""Your chains go back to their beginning after every batch.

The steps are made, and where they lead is thrown away. Keep it: `self.chain = ...`.

Caught by: check_pcd_goes_on. Catalogue: B12.
"""

from collections.abc import Callable

from torch import Tensor


class CD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int) -> None:
        self.gibbs, self.num_steps = gibbs, num_steps

    def negative(self, v: Tensor) -> Tensor:
        chain = v
        for _ in range(self.num_steps):
            chain = self.gibbs(chain)
        return chain


class PCD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int, chain: Tensor) -> None:
        self.gibbs, self.num_steps, self.chain = gibbs, num_steps, chain.clone()

    def negative(self, v: Tensor) -> Tensor:
        chain = self.chain
        for _ in range(self.num_steps):
            chain = self.gibbs(chain)
        return chain
