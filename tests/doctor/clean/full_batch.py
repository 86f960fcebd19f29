"""Style: a table as one tensor, full-batch steps, own standardization. Trap: no loader; one column is constant."""

import torch
import torch.nn.functional as F

torch.manual_seed(9)

n = 600
table = torch.randn(n, 7) * torch.tensor([1.0, 10.0, 0.1, 5.0, 2.0, 1.0, 3.0]) + 4.0
table[:, 5] = 1.0
truth = (table[:, 0] - 4) * 2 + (table[:, 1] - 4) / 10 - (table[:, 3] - 4) / 5
label = (truth + 0.3 * torch.randn(n) > 0).float()

x_train, y_train = table[:450], label[:450]
x_val, y_val = table[450:], label[450:]
mean = x_train.mean(dim=0)
std = x_train.std(dim=0) + 1e-6
x_train = (x_train - mean) / std
x_val = (x_val - mean) / std


class TwoLayers(torch.nn.Module):
    def __init__(self, d_in, d_hidden):
        super().__init__()
        self.w1 = torch.nn.Parameter(torch.randn(d_in, d_hidden) / d_in**0.5)
        self.b1 = torch.nn.Parameter(torch.zeros(d_hidden))
        self.w2 = torch.nn.Parameter(torch.randn(d_hidden) / d_hidden**0.5)
        self.b2 = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return torch.relu(x @ self.w1 + self.b1) @ self.w2 + self.b2


net = TwoLayers(7, 24)
optimizer = torch.optim.Adagrad(net.parameters(), lr=0.05)
curve = []
for iteration in range(150):
    optimizer.zero_grad()
    logits = net(x_train)
    loss = F.binary_cross_entropy_with_logits(logits, y_train)
    penalty = 1e-3 * (net.w1.square().sum() + net.w2.square().sum())
    (loss + penalty).backward()
    optimizer.step()
    curve.append(loss.detach())
    if iteration % 30 == 29:
        with torch.no_grad():
            val_logits = net(x_val)
            val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
            val_acc = ((val_logits > 0) == (y_val > 0.5)).float().mean()
        print(f"{iteration + 1}: train {loss:.3f} val {val_loss:.3f} acc {val_acc:.3f}")

print(f"first {curve[0]:.3f}, last {curve[-1]:.3f}")
