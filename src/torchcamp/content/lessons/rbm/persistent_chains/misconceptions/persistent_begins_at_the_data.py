"""Your PCD begins at the data: that is CD.

Its chains belong to the model, not to the batch. They go on from where they were, so they can
travel far from any picture, and find what the model wrongly likes.

Caught by: check_pcd_first. Catalogue: B12.
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
        self.chain = v
        for _ in range(self.num_steps):
            self.chain = self.gibbs(self.chain)
        return self.chain
