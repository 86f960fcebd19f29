"""Style: OneCycleLR stepped after every batch, decay groups. Trap: the rate starts low and moves each step."""

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset


class ResidualMLP(nn.Module):
    def __init__(self, dim=32, depth=4, classes=6):
        super().__init__()
        self.stem = nn.Linear(15, dim)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.BatchNorm1d(dim), nn.ReLU(), nn.Linear(dim, dim)) for _ in range(depth)
        )
        self.head = nn.Linear(dim, classes)
        self.reset_parameters()

    def reset_parameters(self):
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                nn.init.zeros_(m.bias)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


def param_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        (no_decay if p.ndim == 1 or name.endswith("bias") else decay).append(p)
    return [
        {"params": decay, "weight_decay": weight_decay},
        {"params": no_decay, "weight_decay": 0.0},
    ]


def train_one_epoch(model, loader, optimizer, scheduler, criterion):
    model.train()
    meter, seen = 0.0, 0
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.5)
        optimizer.step()
        scheduler.step()
        meter += float(loss.detach()) * len(y)
        seen += len(y)
    return meter / seen


@torch.inference_mode()
def validate(model, loader):
    model.eval()
    correct = [(model(x).argmax(1) == y) for x, y in loader]
    return torch.cat(correct).float().mean().item()


def main(epochs=5):
    torch.manual_seed(61)
    code = torch.randn(6, 15)
    y = torch.randint(6, (1300,))
    x = code[y] + 1.2 * torch.randn(1300, 15)
    train_loader = DataLoader(TensorDataset(x[:1000], y[:1000]), 64, shuffle=True, drop_last=True)
    val_loader = DataLoader(TensorDataset(x[1000:], y[1000:]), 128)
    model = ResidualMLP()
    optimizer = torch.optim.AdamW(param_groups(model, 0.05), lr=5e-3)
    scheduler = OneCycleLR(optimizer, max_lr=5e-3, epochs=epochs, steps_per_epoch=len(train_loader))
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        loss = train_one_epoch(model, train_loader, optimizer, scheduler, criterion)
        print(f"epoch {epoch} loss {loss:.3f} acc {validate(model, val_loader):.3f}")


if __name__ == "__main__":
    main()
