"""Style: attention over time, batches drawn by hand. Trap: one score for each step, and a softmax over the steps."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(29)
STEPS = 12


def series(n):
    x = 0.5 * torch.randn(n, STEPS, 3)
    kind = torch.randint(2, (n,))
    x[torch.arange(n), torch.randint(0, STEPS, (n,)), kind] += 4.0
    return x, kind.float()


class Pooling(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.gru = nn.GRU(3, hidden, batch_first=True)
        self.score = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.gru(x)
        weights = torch.softmax(self.score(states), dim=1)
        return self.head((weights * states).sum(1)).squeeze(1)


x_train, y_train = series(600)
x_val, y_val = series(200)
model = Pooling()
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)

for step in range(200):
    rows = torch.randint(0, len(x_train), (32,))
    x, y = x_train[rows], y_train[rows]
    loss = F.binary_cross_entropy_with_logits(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 49:
        model.eval()
        with torch.no_grad():
            right = ((model(x_val) > 0) == (y_val > 0)).float().mean()
        model.train()
        print(f"step {step + 1}: {right.item():.3f}")
