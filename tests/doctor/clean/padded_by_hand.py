"""Style: rows padded with plain lists. Trap: the labels of the padding are a class of their own, which a weight of 0 leaves out."""

import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(11)
torch.manual_seed(11)
LENGTH, LETTERS, KINDS = 10, 12, 3


def make(n):
    letters, kinds = [], []
    for _ in range(n):
        row = [random.randint(1, LETTERS - 1) for _ in range(random.randint(4, LENGTH))]
        fill = LENGTH - len(row)
        kinds.append([letter % KINDS for letter in row] + [KINDS] * fill)
        letters.append(row + [0] * fill)
    return torch.tensor(letters), torch.tensor(kinds)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(LETTERS, 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 20, 3, padding=1)
        self.head = nn.Linear(20, KINDS + 1)

    def forward(self, x):
        return self.head(F.relu(self.conv(self.embed(x).transpose(1, 2))).transpose(1, 2))


x, y = make(400)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
weight = torch.tensor([1.0, 1.0, 1.0, 0.0])
for step in range(60):
    rows = torch.randint(0, len(x), (32,))
    scores = net(x[rows])
    loss = F.cross_entropy(scores.flatten(0, 1), y[rows].flatten(), weight=weight)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    real = y < KINDS
    print("right:", (net(x).argmax(2)[real] == y[real]).float().mean().item())
