"""Style: no optimizer, no nn.Module: p.data -= lr * p.grad. Trap: steps that no optimizer takes."""

import math

import torch
import torch.nn.functional as F

torch.manual_seed(2)
n_in, n_hidden, n_out = 16, 50, 6
bs = 64

means = torch.randn(n_out, n_in)
y_all = torch.randint(n_out, (1300,))
x_all = means[y_all] + 0.9 * torch.randn(1300, n_in)
x_train, y_train = x_all[:1000], y_all[:1000]
x_valid, y_valid = x_all[1000:], y_all[1000:]

w1 = (torch.randn(n_in, n_hidden) / math.sqrt(n_in)).requires_grad_()
b1 = torch.zeros(n_hidden, requires_grad=True)
w2 = (torch.randn(n_hidden, n_out) / math.sqrt(n_hidden)).requires_grad_()
b2 = torch.zeros(n_out, requires_grad=True)
params = [w1, b1, w2, b2]


def model(xb):
    h = torch.relu(xb @ w1 + b1)
    return h @ w2 + b2


def accuracy(out, yb):
    return (torch.argmax(out, dim=1) == yb).float().mean()


lr = 0.2
print("before:", accuracy(model(x_valid), y_valid).item())
for epoch in range(5):
    order = torch.randperm(len(x_train))
    for start in range(0, len(order), bs):
        rows = order[start : start + bs]
        loss = F.cross_entropy(model(x_train[rows]), y_train[rows])
        for p in params:
            p.grad = None
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
    if epoch == 2:
        lr *= 0.5
    with torch.no_grad():
        valid_out = model(x_valid)
        print(
            f"{epoch}: {F.cross_entropy(valid_out, y_valid):.4f} {accuracy(valid_out, y_valid):.3f}"
        )
