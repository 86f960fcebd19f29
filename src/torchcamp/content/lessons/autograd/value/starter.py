import math


class Value:
    """A number on a tape.

    data: the number. grad: derivative of what `backward` was called on. parents, slopes: what it was
    made of, and its derivative by each.
    """

    def __init__(
        self, data: float, parents: tuple["Value", ...] = (), slopes: tuple[float, ...] = ()
    ) -> None:
        self.data, self.parents, self.slopes = data, parents, slopes
        self.grad = 0.0

    def __add__(self, other: "Value") -> "Value":
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: "Value") -> "Value":
        # TODO: the product, and its slopes
        raise NotImplementedError

    def relu(self) -> "Value":
        # TODO
        raise NotImplementedError

    def tanh(self) -> "Value":
        # TODO
        raise NotImplementedError

    def backward(self) -> None:
        # TODO: gradients of everything that this value was made of
        raise NotImplementedError
