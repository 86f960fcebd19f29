from collections.abc import Callable

from torch import Tensor


class CD:
    """The model's side of CD-k."""

    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int) -> None:
        self.gibbs, self.num_steps = gibbs, num_steps

    def negative(self, v: Tensor) -> Tensor:
        """Bits (B, V) after `num_steps` from the data v (B, V)."""
        # TODO: from the data, every time anew
        raise NotImplementedError


class PCD:
    """The model's side of persistent CD; `chain` begins as given (N, V)."""

    def __init__(self, gibbs: Callable[[Tensor], Tensor], num_steps: int, chain: Tensor) -> None:
        self.gibbs, self.num_steps, self.chain = gibbs, num_steps, chain.clone()

    def negative(self, v: Tensor) -> Tensor:
        """Bits (N, V): where the chains are after `num_steps` more."""
        # TODO: from where the chains are
        raise NotImplementedError
