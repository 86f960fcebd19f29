"""You computed tanh's slope from its input.

It is 1 - t² with t the **output**: 1 - tanh(x)².

Caught by: check_one_operation. Catalogue: A8.
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
        return Value(t, (self,), (1 - self.data**2,))

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
        for value in reversed(order):
            for parent, slope in zip(value.parents, value.slopes):
                parent.grad += slope * value.grad
