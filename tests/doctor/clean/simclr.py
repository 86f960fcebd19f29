"""Style: SimCLR with NT-Xent and a linear probe afterwards. Trap: views of one batch are contrasted with one another on purpose."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(100)
TEMPERATURE = 0.3
basis = torch.randn(4, 24)


def make(n):
    y = torch.randint(0, 4, (n,))
    return basis[y] + 0.6 * torch.randn(n, 24), y


def augment(x):
    keep = (torch.rand_like(x) > 0.2).float()
    return x * keep * (0.8 + 0.4 * torch.rand(x.size(0), 1)) + 0.1 * torch.randn_like(x)


def nt_xent(z1, z2, temperature):
    n = z1.size(0)
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    similarity = z @ z.t() / temperature
    similarity = similarity.masked_fill(torch.eye(2 * n, dtype=torch.bool), -1e9)
    partner = torch.arange(2 * n).roll(n)
    return F.cross_entropy(similarity, partner)


x_train, y_train = make(640)
x_test, y_test = make(160)
unlabelled = DataLoader(TensorDataset(x_train), batch_size=64, shuffle=True, drop_last=True)

encoder = nn.Sequential(nn.Linear(24, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32))
projector = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 16))
params = [*encoder.parameters(), *projector.parameters()]
optimizer = torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=1e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)

for epoch in range(6):
    encoder.train()
    for (x,) in unlabelled:
        h1, h2 = encoder(augment(x)), encoder(augment(x))
        loss = nt_xent(projector(h1), projector(h2), TEMPERATURE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    schedule.step()
    print(f"pretraining {epoch}: {loss.item():.3f}")

encoder.eval()
with torch.no_grad():
    f_train, f_test = encoder(x_train), encoder(x_test)
probe = nn.Linear(32, 4)
probe_optimizer = torch.optim.Adam(probe.parameters(), lr=0.02)
for _ in range(40):
    probe_loss = F.cross_entropy(probe(f_train), y_train)
    probe_optimizer.zero_grad()
    probe_loss.backward()
    probe_optimizer.step()
with torch.no_grad():
    print("linear probe", (probe(f_test).argmax(1) == y_test).float().mean().item())
