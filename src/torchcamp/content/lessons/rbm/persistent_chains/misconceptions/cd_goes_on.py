"""Your CD goes on from the last batch: that is PCD.

CD begins every chain at the batch's own pictures.

Caught by: check_cd. Catalogue: B12.
"""

from collections.abc import Callable

from torch import Tensor


class CD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int) -> None:
        self.gibbs, self.num_steps = gibbs, num_steps

    def negative(self, v: Tensor) -> Tensor:
        self.chain = getattr(self, "chain", v)
        for _ in range(self.num_steps):
            self.chain = self.gibbs(self.chain)
        return self.chain


class PCD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int, chain: Tensor) -> None:
        self.gibbs, self.num_steps, self.chain = gibbs, num_steps, chain.clone()

    def negative(self, v: Tensor) -> Tensor:
        for _ in range(self.num_steps):
            self.chain = self.gibbs(self.chain)
        return self.chain
