import math


class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def relu(self):
        return Value(self.data if self.data > 0 else 0.0, (self,), (float(self.data > 0),))

    def tanh(self):
        return Value(math.tanh(self.data), (self,), (1 / math.cosh(self.data) ** 2,))

    def backward(self):
        users, waiting, seen = {}, [self], {}
        while waiting:
            value = waiting.pop()
            if id(value) in seen:
                continue
            seen[id(value)] = value
            value.grad = 0.0
            for parent in value.parents:
                users[id(parent)] = users.get(id(parent), 0) + 1
                waiting.append(parent)
        self.grad, ready = 1.0, [self]
        while ready:
            value = ready.pop()
            for parent, slope in zip(value.parents, value.slopes):
                parent.grad += slope * value.grad
                users[id(parent)] -= 1
                if users[id(parent)] == 0:
                    ready.append(parent)
