"""Your PCD returns where the chains were, and moves them afterwards.

Their place must be one of the model as it is **now**: step first.

Caught by: check_pcd_first.
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
        was = self.chain
        for _ in range(self.num_steps):
            self.chain = self.gibbs(self.chain)
        return was
