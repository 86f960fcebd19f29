"""Style: Monte Carlo dropout for uncertainty. Trap: dropout stays on in prediction, on purpose."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(19)


class BayesianRegressor(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(1, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Dropout(p),
            nn.Linear(64, 64),
            nn.ReLU(),
            nn.Dropout(p),
            nn.Linear(64, 1),
        )

    def forward(self, x):
        return self.net(x)


def enable_dropout(model):
    """Everything in eval mode but the dropout."""
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.train()


@torch.no_grad()
def predict(model, x, passes=20):
    enable_dropout(model)
    samples = torch.stack([model(x) for _ in range(passes)])
    return samples.mean(0), samples.std(0)


def f(x):
    return torch.sin(1.5 * x) + 0.3 * x


x_train = torch.cat([torch.rand(250, 1) * 2 - 2.5, torch.rand(250, 1) * 2 + 0.5])
y_train = f(x_train) + 0.1 * torch.randn_like(x_train)
x_val = torch.rand(100, 1) * 2 + 0.5
y_val = f(x_val)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True)

model = BayesianRegressor()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
mse = nn.MSELoss()
for epoch in range(20):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    model.eval()
    with torch.no_grad():
        val = mse(model(x_val), y_val).item()
    print(f"epoch {epoch}: train {total / len(x_train):.4f} val {val:.4f}")

mean, std = predict(model, x_val)
_, gap_std = predict(model, torch.linspace(-0.4, 0.4, 50).unsqueeze(1))
print(
    f"error {mse(mean, y_val):.4f}; std {std.mean():.3f} near data, {gap_std.mean():.3f} in the gap"
)
