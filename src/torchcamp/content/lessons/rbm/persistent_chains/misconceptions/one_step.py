"""You made one step instead of `num_steps`.

CD-k makes k steps for each batch.

Caught by: check_cd.
"""

from collections.abc import Callable

from torch import Tensor


class CD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int) -> None:
        self.gibbs, self.num_steps = gibbs, num_steps

    def negative(self, v: Tensor) -> Tensor:
        chain = v
        return self.gibbs(chain)


class PCD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int, chain: Tensor) -> None:
        self.gibbs, self.num_steps, self.chain = gibbs, num_steps, chain.clone()

    def negative(self, v: Tensor) -> Tensor:
        for _ in range(self.num_steps):
            self.chain = self.gibbs(self.chain)
        return self.chain
