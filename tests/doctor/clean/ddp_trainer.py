"""Style: a distributed trainer as a class. Trap: set_epoch through loader.sampler, loss weighted by the batch."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset


class Trainer:
    def __init__(self, model, train_data, optimizer, rank, world_size, batch_size=32):
        self.model = model
        self.optimizer = optimizer
        self.rank = rank
        self.train_data = DataLoader(
            train_data,
            batch_size=batch_size,
            shuffle=False,
            sampler=DistributedSampler(train_data, num_replicas=world_size, rank=rank),
        )

    def _run_batch(self, source, targets):
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.model(source), targets)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def _run_epoch(self, epoch):
        self.train_data.sampler.set_epoch(epoch)
        self.model.train()
        total, n = 0.0, 0
        for source, targets in self.train_data:
            total += self._run_batch(source, targets) * len(targets)
            n += len(targets)
        print(f"[rank {self.rank}] epoch {epoch} | steps {len(self.train_data)} | {total / n:.3f}")

    def train(self, max_epochs):
        for epoch in range(max_epochs):
            self._run_epoch(epoch)


def load_train_objs(seed=0):
    torch.manual_seed(seed)
    w = torch.randn(12, 5)
    x = torch.randn(1100, 12)
    y = (x @ w).argmax(dim=1)
    model = nn.Sequential(
        nn.Linear(12, 64),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 5),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    return TensorDataset(x[:900], y[:900]), (x[900:], y[900:]), model, optimizer


def main(rank, world_size, total_epochs):
    train_data, (x_val, y_val), model, optimizer = load_train_objs()
    trainer = Trainer(model, train_data, optimizer, rank, world_size)
    trainer.train(total_epochs)
    if rank == 0:
        model.eval()
        with torch.no_grad():
            accuracy = (model(x_val).argmax(1) == y_val).float().mean().item()
        print(f"accuracy {accuracy:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="one process of a distributed training")
    parser.add_argument("--total-epochs", type=int, default=6)
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--world-size", type=int, default=2)
    args = parser.parse_args()
    main(args.rank, args.world_size, args.total_epochs)
