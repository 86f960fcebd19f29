"""Style: checkpoint every epoch and --resume. Trap: the second half of the run starts from the file."""

import argparse
import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--resume", default="", help="path of a checkpoint")
parser.add_argument("--out", default="checkpoint.pt")
parser.add_argument("--epochs", default=3, type=int)


def data():
    generator = torch.Generator().manual_seed(99)
    x = torch.rand(640, 2, generator=generator) * 4 - 2
    y = ((x**2).sum(1) < 1.8).float()
    full = TensorDataset(x, y)
    train = torch.utils.data.Subset(full, range(512))
    val = torch.utils.data.Subset(full, range(512, 640))
    return DataLoader(train, 32, shuffle=True), DataLoader(val, 64)


def build():
    net = nn.Sequential(nn.Linear(2, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8)
    return net, optimizer, scheduler


def main(args):
    torch.manual_seed(0)
    train_loader, val_loader = data()
    net, optimizer, scheduler = build()
    start_epoch = 0
    if args.resume and os.path.isfile(args.resume):
        checkpoint = torch.load(args.resume, weights_only=True)
        net.load_state_dict(checkpoint["model"])
        if "optimizer" in checkpoint:
            optimizer.load_state_dict(checkpoint["optimizer"])
        if "scheduler" in checkpoint:
            scheduler.load_state_dict(checkpoint["scheduler"])
        start_epoch = checkpoint["epoch"] + 1
        print("resumed after epoch", checkpoint["epoch"])
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(start_epoch, args.epochs):
        net.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(net(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
        scheduler.step()
        net.eval()
        hits = 0
        with torch.no_grad():
            for x, y in val_loader:
                hits += ((net(x).squeeze(1) > 0).float() == y).sum().item()
        print(f"epoch {epoch} accuracy {hits / len(val_loader.dataset):.3f}")
        state = {
            "model": net.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "epoch": epoch,
        }
        torch.save(state, args.out)


if __name__ == "__main__":
    main(parser.parse_args())
    main(parser.parse_args(["--resume", "checkpoint.pt", "--epochs", "6"]))
