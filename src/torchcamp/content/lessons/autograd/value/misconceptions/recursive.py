"""You pass on before the value is complete.

Walking from each value to its parents at once, b hands its gradient to a when it has only half
of it, and again when it has all: a gets 8 instead of 4. On trees this works; as soon as paths
meet again it does not. List the graph first, then go through it backwards.

Caught by: check_order. Catalogue: G2.
"""

import math


class Value:
    def __init__(
        self, data: float, parents: tuple["Value", ...] = (), slopes: tuple[float, ...] = ()
    ) -> None:
        self.data, self.parents, self.slopes = data, parents, slopes
        self.grad = 0.0

    def __add__(self, other: "Value") -> "Value":
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: "Value") -> "Value":
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def relu(self) -> "Value":
        return Value(max(0.0, self.data), (self,), (1.0 if self.data > 0 else 0.0,))

    def tanh(self) -> "Value":
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t * t,))

    def backward(self) -> None:
        order: list[Value] = []
        seen: set[int] = set()

        def visit(value: Value) -> None:
            if id(value) in seen:
                return
            seen.add(id(value))
            for parent in value.parents:
                visit(parent)
            order.append(value)

        visit(self)
        for value in order:
            value.grad = 0.0
        self.grad = 1.0

        def pass_on(value: Value) -> None:
            for parent, slope in zip(value.parents, value.slopes):
                parent.grad += slope * value.grad
            for parent in value.parents:
                pass_on(parent)

        pass_on(self)
