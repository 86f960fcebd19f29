"""Style: an optimizer for the embeddings and one for the rest. Trap: both are zeroed together and step apart, one of them later on."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(43)
USERS, ITEMS = 40, 60
taste, kind = torch.randn(USERS, 3), torch.randn(ITEMS, 3)
user = torch.randint(0, USERS, (2000,))
item = torch.randint(0, ITEMS, (2000,))
liked = ((taste[user] * kind[item]).sum(1) + 0.3 * torch.randn(2000) > 0).float()


class Recommender(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.user = nn.Embedding(USERS, size, sparse=True)
        self.item = nn.Embedding(ITEMS, size, sparse=True)
        self.mix = nn.Sequential(nn.Linear(2 * size, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, user, item):
        return self.mix(torch.cat([self.user(user), self.item(item)], dim=1)).squeeze(1)


model = Recommender()
tables = [*model.user.parameters(), *model.item.parameters()]
opt_tables = torch.optim.SparseAdam(tables, lr=0.02)
opt_mix = torch.optim.Adam(model.mix.parameters(), lr=0.005)

for epoch in range(3):
    order, total = torch.randperm(1600), 0.0
    for rows in order.split(64):
        loss = F.binary_cross_entropy_with_logits(model(user[rows], item[rows]), liked[rows])
        opt_tables.zero_grad()
        opt_mix.zero_grad()
        loss.backward()
        opt_tables.step()
        opt_mix.step()
        total += loss.item() * len(rows)
    with torch.no_grad():
        right = ((model(user[1600:], item[1600:]) > 0) == (liked[1600:] > 0)).float().mean()
    print(f"epoch {epoch}: loss {total / 1600:.3f}, right {right.item():.3f}")
