"""Style: mixed precision as in the recipes. Trap: scaler and autocast are switched off without a GPU."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(5)
device = "cuda" if torch.cuda.is_available() else "cpu"
use_amp = device == "cuda"


def teacher(x):
    return (torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] > 0.2).long()


inputs = torch.randn(1200, 5)
dataset = TensorDataset(inputs, teacher(inputs))
train_part, val_part = random_split(dataset, [1000, 200], torch.Generator().manual_seed(5))
train_dl = DataLoader(train_part, batch_size=100, shuffle=True, pin_memory=use_amp)
val_dl = DataLoader(val_part, batch_size=100, pin_memory=use_amp)

net = nn.Sequential(
    nn.Linear(5, 64),
    nn.SiLU(),
    nn.Dropout(p=0.1),
    nn.Linear(64, 64),
    nn.SiLU(),
    nn.Linear(64, 2),
).to(device)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
scaler = torch.amp.GradScaler(device, enabled=use_amp)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(6):
    net.train()
    for xb, yb in train_dl:
        xb = xb.to(device, non_blocking=True)
        yb = yb.to(device, non_blocking=True)
        opt.zero_grad(set_to_none=True)
        with torch.autocast(device_type=device, enabled=use_amp):
            out = net(xb)
            loss = loss_fn(out, yb)
        scaler.scale(loss).backward()
        scaler.unscale_(opt)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(opt)
        scaler.update()

    net.eval()
    good = 0
    with torch.no_grad(), torch.autocast(device_type=device, enabled=use_amp):
        for xb, yb in val_dl:
            xb, yb = xb.to(device), yb.to(device)
            good += (net(xb).argmax(1) == yb).sum().item()
    print(f"epoch {epoch} | loss {loss.item():.4f} | val acc {good / len(val_part):.3f}")
