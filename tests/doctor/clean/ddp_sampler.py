"""Style: written for several processes, run in one. Trap: DistributedSampler with set_epoch, rank from the environment."""

import os

import torch
import torch.distributed as dist
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

RANK = int(os.environ.get("RANK", "0"))
WORLD_SIZE = int(os.environ.get("WORLD_SIZE", "1"))


def get_data():
    gen = torch.Generator().manual_seed(1)
    centres = torch.randn(4, 6, generator=gen)
    y = torch.randint(4, (720,), generator=gen)
    x = centres[y] + 0.6 * torch.randn(720, 6, generator=gen)
    return TensorDataset(x[:600], y[:600]), TensorDataset(x[600:], y[600:])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 40), nn.Tanh(), nn.Dropout(0.1), nn.Linear(40, 4))

    def forward(self, x):
        return self.net(x)


def reduce_sum(value):
    """The sum over all processes; with one process the value itself."""
    tensor = torch.tensor(float(value))
    if dist.is_available() and dist.is_initialized():
        dist.all_reduce(tensor)
    return tensor.item()


def main():
    if WORLD_SIZE > 1:
        dist.init_process_group("gloo", rank=RANK, world_size=WORLD_SIZE)
    torch.manual_seed(0)
    train_set, val_set = get_data()
    train_sampler = DistributedSampler(
        train_set, num_replicas=WORLD_SIZE, rank=RANK, shuffle=True, seed=3
    )
    train_loader = DataLoader(train_set, batch_size=50, sampler=train_sampler)
    val_loader = DataLoader(val_set, batch_size=60)
    model = Model()
    network = nn.parallel.DistributedDataParallel(model) if WORLD_SIZE > 1 else model
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(5):
        train_sampler.set_epoch(epoch)
        network.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(x), y).backward()
            optimizer.step()
        network.eval()
        hits = 0
        with torch.no_grad():
            for x, y in val_loader:
                hits += (network(x).argmax(1) == y).sum().item()
        if RANK == 0:
            print(f"epoch {epoch}: {hits / len(val_set):.3f}")
    total = reduce_sum(len(train_sampler))
    if RANK == 0:
        print("items in an epoch of all processes:", int(total))


if __name__ == "__main__":
    main()
