"""Style: an own autograd.Function with a straight-through gradient. Trap: the forward is a step function."""

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class Binarize(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x.abs() <= 1).to(grad_output.dtype)


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, Binarize.apply(self.weight), self.bias)


class BinaryNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 128)
        self.bn1 = nn.BatchNorm1d(128)
        self.fc2 = BinaryLinear(128, 64)
        self.bn2 = nn.BatchNorm1d(64)
        self.fc3 = nn.Linear(64, 5)

    def forward(self, x):
        x = Binarize.apply(self.bn1(self.fc1(x)))
        x = F.hardtanh(self.bn2(self.fc2(x)))
        return self.fc3(x)


def run_epoch(net, loader, optimizer=None):
    net.train(optimizer is not None)
    total, hits, n = 0.0, 0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            logits = net(x)
            loss = F.cross_entropy(logits, y)
            if optimizer:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(y)
            hits += (logits.argmax(-1) == y).sum().item()
            n += len(y)
    return total / n, hits / n


if __name__ == "__main__":
    torch.manual_seed(17)
    centres = torch.randn(5, 20)
    label = torch.randint(5, (1100,))
    feature = centres[label] + torch.randn(1100, 20)
    train = DataLoader(TensorDataset(feature[:900], label[:900]), 64, shuffle=True)
    valid = DataLoader(TensorDataset(feature[900:], label[900:]), 100)
    net = BinaryNet()
    optimizer = optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(5):
        train_loss, train_acc = run_epoch(net, train, optimizer)
        valid_loss, valid_acc = run_epoch(net, valid)
        print(f"{epoch} {train_loss:.3f} {train_acc:.3f} | {valid_loss:.3f} {valid_acc:.3f}")
