"""Style: physics-informed network for u'' = -pi^2 sin(pi x). Trap: derivatives by autograd.grad with create_graph, inputs that require grad."""

import math

import torch
import torch.nn as nn

torch.manual_seed(7)


class PINN(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(1, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
        )

    def forward(self, x):
        return self.net(x)


def derivative(y, x):
    return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]


def residual(model, x):
    x = x.requires_grad_(True)
    u = model(x)
    u_xx = derivative(derivative(u, x), x)
    return u_xx + math.pi**2 * torch.sin(math.pi * x)


model = PINN()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.998)
ends = torch.tensor([[-1.0], [1.0]])
x_test = torch.linspace(-1, 1, 101).unsqueeze(1)
u_test = torch.sin(math.pi * x_test)

total = 0.0
for step in range(300):
    optimizer.zero_grad()
    inside = 2 * torch.rand(64, 1) - 1
    loss_pde = residual(model, inside).pow(2).mean()
    loss_bc = model(ends).pow(2).mean()
    loss = loss_pde + 10 * loss_bc
    loss.backward()
    optimizer.step()
    scheduler.step()
    total += loss.item()
    if (step + 1) % 100 == 0:
        with torch.no_grad():
            error = (model(x_test) - u_test).abs().max().item()
        print(f"{step + 1}: mean loss {total / 100:.3f}, worst error {error:.3f}")
        total = 0.0
