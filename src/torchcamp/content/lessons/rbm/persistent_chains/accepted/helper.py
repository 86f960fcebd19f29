from collections.abc import Callable

from torch import Tensor


def _run(gibbs, v, number):
    for _ in range(number):
        v = gibbs(v)
    return v


class CD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int) -> None:
        self.gibbs, self.num_steps = gibbs, num_steps

    def negative(self, v: Tensor) -> Tensor:
        return _run(self.gibbs, v, self.num_steps)


class PCD:
    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int, chain: Tensor) -> None:
        self.gibbs, self.num_steps, self.chain = gibbs, num_steps, chain.clone()

    def negative(self, v: Tensor) -> Tensor:
        self.chain = _run(self.gibbs, self.chain, self.num_steps)
        return self.chain
