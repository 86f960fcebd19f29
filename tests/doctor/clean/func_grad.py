"""Style: torch.func, with weights in a dict and steps by hand. Trap: no backward pass, no optimizer."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call, grad

torch.manual_seed(67)
net = nn.Sequential(
    nn.Linear(5, 32),
    nn.Tanh(),
    nn.Linear(32, 2),
)
weights = {name: value.detach() for name, value in net.named_parameters()}
x = torch.randn(256, 5)
y = torch.stack([x[:, 0] * x[:, 1], x[:, 2].sin()], 1)


def loss_of(weights, x, y):
    return F.mse_loss(functional_call(net, weights, (x,)), y)


slope = grad(loss_of)
for step in range(200):
    rows = torch.randint(0, 256, (64,))
    slopes = slope(weights, x[rows], y[rows])
    weights = {name: value - 0.1 * slopes[name] for name, value in weights.items()}
print("loss:", loss_of(weights, x, y).item())
