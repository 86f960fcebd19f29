"""Style: full-batch LBFGS with a closure. Trap: several forwards and backwards inside one step."""

import torch
from torch import nn

torch.manual_seed(11)

x = torch.linspace(-3, 3, 160).unsqueeze(1)
y = torch.sin(2 * x) * torch.exp(-0.1 * x**2) + 0.05 * torch.randn_like(x)
order = torch.randperm(len(x))
train_idx, test_idx = order[:120], order[120:]
x_train, y_train = x[train_idx], y[train_idx]
x_test, y_test = x[test_idx], y[test_idx]


class Curve(nn.Module):
    def __init__(self, hidden=20):
        super().__init__()
        self.lin1 = nn.Linear(1, hidden)
        self.lin2 = nn.Linear(hidden, hidden)
        self.lin3 = nn.Linear(hidden, 1)

    def forward(self, t):
        t = torch.tanh(self.lin1(t))
        t = torch.tanh(self.lin2(t))
        return self.lin3(t)


model = Curve()
mse = nn.MSELoss()
optimizer = torch.optim.LBFGS(
    model.parameters(), lr=0.5, max_iter=10, history_size=20, line_search_fn="strong_wolfe"
)


def closure():
    optimizer.zero_grad()
    prediction = model(x_train)
    objective = mse(prediction, y_train)
    objective = objective + 1e-5 * sum(p.pow(2).sum() for p in model.parameters())
    objective.backward()
    return objective


for it in range(15):
    loss = optimizer.step(closure)
    if it % 5 == 4:
        with torch.no_grad():
            test_loss = mse(model(x_test), y_test)
        print(f"iteration {it + 1}: train {loss.item():.5f} test {test_loss.item():.5f}")

with torch.no_grad():
    residual = y_test - model(x_test)
    r2 = 1 - residual.pow(2).sum() / (y_test - y_test.mean()).pow(2).sum()
print(f"R^2 on held-out points: {r2:.3f}")
