"""Style: BYOL, looked at after each epoch by the online network alone. Trap: a part is in eval mode for a while, and the whole puts it back."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(71)
kinds = torch.randint(0, 4, (480,))
points = 2 * torch.randn(4, 12)[kinds] + 0.5 * torch.randn(480, 12)
loader = DataLoader(TensorDataset(points), batch_size=48, shuffle=True, drop_last=True)


class Learner(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.online = nn.Sequential(
            nn.Linear(12, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, 16)
        )
        self.predictor = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 16))
        self.target = copy.deepcopy(self.online).requires_grad_(False)

    def forward(self, one, other):
        with torch.no_grad():
            aims = self.target(other), self.target(one)
        guesses = self.predictor(self.online(one)), self.predictor(self.online(other))
        return sum(1 - F.cosine_similarity(g, a).mean() for g, a in zip(guesses, aims, strict=True))


def probe(encoder):
    encoder.eval()
    with torch.no_grad():
        codes = F.normalize(encoder(points), dim=1)
    nearest = (codes @ codes.t() - 2 * torch.eye(len(codes))).argmax(1)
    return (kinds[nearest] == kinds).float().mean().item()


learner = Learner()
held = [*learner.online.parameters(), *learner.predictor.parameters()]
optimizer = torch.optim.Adam(held, lr=2e-3)
for epoch in range(6):
    learner.train()
    for (x,) in loader:
        loss = learner(x + 0.3 * torch.randn_like(x), x + 0.3 * torch.randn_like(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for slow, fast in zip(
                learner.target.parameters(), learner.online.parameters(), strict=True
            ):
                slow.lerp_(fast, 0.03)
    print(f"epoch {epoch}: nearest neighbour of the same kind {probe(learner.online):.3f}")
