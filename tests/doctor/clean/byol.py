"""Style: BYOL, an online network chases a slow copy of itself. Trap: the target runs in train mode without grad and is in no optimizer, on purpose."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(55)
kinds = torch.randint(0, 3, (512,))
points = 2 * torch.randn(3, 16)[kinds] + 0.5 * torch.randn(512, 16)
loader = DataLoader(TensorDataset(points), batch_size=64, shuffle=True)


def mlp(n_in, n_hidden, n_out):
    return nn.Sequential(
        nn.Linear(n_in, n_hidden),
        nn.BatchNorm1d(n_hidden),
        nn.ReLU(inplace=True),
        nn.Linear(n_hidden, n_out),
    )


class BYOL(nn.Module):
    def __init__(self, tau=0.98):
        super().__init__()
        self.tau = tau
        self.online = mlp(16, 64, 24)
        self.predictor = mlp(24, 48, 24)
        self.target = copy.deepcopy(self.online).requires_grad_(False)

    def forward(self, view1, view2):
        online1, online2 = self.predictor(self.online(view1)), self.predictor(self.online(view2))
        with torch.no_grad():
            target1, target2 = self.target(view1), self.target(view2)
        one = 2 - 2 * F.cosine_similarity(online1, target2, dim=-1)
        two = 2 - 2 * F.cosine_similarity(online2, target1, dim=-1)
        return (one + two).mean()

    @torch.no_grad()
    def update_target(self):
        for slow, fast in zip(self.target.parameters(), self.online.parameters(), strict=True):
            slow.mul_(self.tau).add_(fast, alpha=1 - self.tau)


def jitter(x):
    return x + 0.3 * torch.randn_like(x)


learner = BYOL()
trainable = [p for p in learner.parameters() if p.requires_grad]
optimizer = torch.optim.Adam(trainable, lr=1e-3)

for epoch in range(5):
    total = 0.0
    for (x,) in loader:
        loss = learner(jitter(x), jitter(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        learner.update_target()
        total += loss.item()
    print(f"epoch {epoch}: {total / len(loader):.4f}")

learner.eval()
with torch.no_grad():
    z = F.normalize(learner.online(points), dim=1)
    nearest = (z @ z.t() - 2 * torch.eye(len(z))).argmax(1)
print("nearest neighbour of the same kind:", (kinds[nearest] == kinds).float().mean().item())
