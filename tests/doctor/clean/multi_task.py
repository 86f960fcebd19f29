"""Style: two heads, losses weighted by learned variances. Trap: the criterion has parameters, in the optimizer too."""

import itertools

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(77)


class MultiTaskNet(nn.Module):
    def __init__(self, d_in=14, d_hidden=48, n_classes=4):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(d_in, d_hidden), nn.BatchNorm1d(d_hidden), nn.Mish(), nn.Dropout(0.1)
        )
        self.heads = nn.ModuleDict(
            {"kind": nn.Linear(d_hidden, n_classes), "size": nn.Linear(d_hidden, 1)}
        )

    def forward(self, x):
        features = self.trunk(x)
        return {"kind": self.heads["kind"](features), "size": self.heads["size"](features)[:, 0]}


class UncertaintyLoss(nn.Module):
    """The sum of the tasks' losses, each divided by a learned variance."""

    def __init__(self):
        super().__init__()
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, out, kind, size):
        losses = torch.stack([F.cross_entropy(out["kind"], kind), F.mse_loss(out["size"], size)])
        return (torch.exp(-self.log_var) * losses + self.log_var).sum(), losses.detach()


mix = torch.randn(4, 14)
kind = torch.randint(4, (960,))
x = mix[kind] + torch.randn(960, 14)
size = x[:, :5].mean(1) + 0.3 * kind + 0.1 * torch.randn(960)
train_dl = DataLoader(TensorDataset(x[:768], kind[:768], size[:768]), 64, shuffle=True)
val_dl = DataLoader(TensorDataset(x[768:], kind[768:], size[768:]), 64)

net, criterion = MultiTaskNet(), UncertaintyLoss()
opt = torch.optim.Adam(itertools.chain(net.parameters(), criterion.parameters()), lr=3e-3)

for epoch in range(6):
    net.train()
    for xb, kb, sb in train_dl:
        opt.zero_grad()
        loss, parts = criterion(net(xb), kb, sb)
        loss.backward()
        opt.step()

    net.eval()
    acc, err = 0.0, 0.0
    with torch.no_grad():
        for xb, kb, sb in val_dl:
            out = net(xb)
            acc += (out["kind"].argmax(1) == kb).sum().item()
            err += (out["size"] - sb).square().sum().item()
    n = len(val_dl.dataset)
    print(f"{epoch}: parts {parts.tolist()} kind {acc / n:.3f} size rmse {(err / n) ** 0.5:.3f}")
