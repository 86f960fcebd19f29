"""Style: MAML on sine curves, inner steps on plain tensors. Trap: gradients of gradients, fast weights that no optimizer owns."""

import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(19)
INNER_LR, INNER_STEPS, TASKS = 0.05, 2, 4

model = nn.Sequential(nn.Linear(1, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
meta_optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)


def sample_task():
    amplitude, phase = 0.5 + 1.5 * torch.rand(()), torch.pi * torch.rand(())

    def draw(n):
        x = 6 * torch.rand(n, 1) - 3
        return x, amplitude * torch.sin(x + phase)

    return draw


def adapt(x, y, create_graph):
    fast = dict(model.named_parameters())
    for _ in range(INNER_STEPS):
        loss = nn.functional.mse_loss(functional_call(model, fast, (x,)), y)
        grads = torch.autograd.grad(loss, list(fast.values()), create_graph=create_graph)
        fast = {name: w - INNER_LR * g for (name, w), g in zip(fast.items(), grads, strict=True)}
    return fast


for iteration in range(60):
    meta_loss = torch.zeros(())
    for _ in range(TASKS):
        task = sample_task()
        fast = adapt(*task(10), create_graph=True)
        x_query, y_query = task(20)
        query = functional_call(model, fast, (x_query,))
        meta_loss = meta_loss + nn.functional.mse_loss(query, y_query) / TASKS
    meta_optimizer.zero_grad()
    meta_loss.backward()
    meta_optimizer.step()
    if iteration % 20 == 0:
        print(f"iteration {iteration}: query loss {meta_loss.item():.3f}")

before, after = [], []
for _ in range(20):
    task = sample_task()
    support, (x, y) = task(10), task(50)
    fast = adapt(*support, create_graph=False)
    with torch.no_grad():
        before.append(nn.functional.mse_loss(model(x), y).item())
        after.append(nn.functional.mse_loss(functional_call(model, fast, (x,)), y).item())
print(f"new tasks: before {sum(before) / 20:.3f}, after {sum(after) / 20:.3f}")
