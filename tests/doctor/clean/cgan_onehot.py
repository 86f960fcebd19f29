"""Style: conditional GAN with one-hot labels joined to noise and picture. Trap: both optimizers are zeroed at the top of the step, G draws fresh labels for its own loss."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(11)
CLASSES, NOISE = 3, 12
centres = torch.tensor([[-2.0, 0.0], [2.0, 0.0], [0.0, 2.5]])
kinds = torch.randint(0, CLASSES, (600,))
points = centres[kinds] + 0.3 * torch.randn(600, 2)
data = torch.utils.data.TensorDataset(points, kinds)
batches = torch.utils.data.DataLoader(data, batch_size=60, shuffle=True)


def mlp(sizes, last=None):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1], strict=True):
        layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
    layers.append(nn.Linear(sizes[-2], sizes[-1]))
    if last is not None:
        layers.append(last)
    return nn.Sequential(*layers)


class CondG(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = mlp([NOISE + CLASSES, 64, 64, 2])

    def forward(self, z, onehot):
        return self.net(torch.cat([z, onehot], dim=1))


class CondD(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = mlp([2 + CLASSES, 64, 64, 1])

    def forward(self, x, onehot):
        return self.net(torch.cat([x, onehot], dim=1))


gen, dis = CondG(), CondD()
opt_gen = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.5, 0.999))
opt_dis = torch.optim.Adam(dis.parameters(), lr=1e-3, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()

for epoch in range(5):
    for x, y in batches:
        opt_gen.zero_grad()
        opt_dis.zero_grad()
        onehot = F.one_hot(y, CLASSES).float()
        z = torch.randn(x.size(0), NOISE)
        fake = gen(z, onehot).detach()
        real_score, fake_score = dis(x, onehot), dis(fake, onehot)
        loss_d = bce(real_score, torch.ones_like(real_score))
        loss_d = loss_d + bce(fake_score, torch.zeros_like(fake_score))
        loss_d.backward()
        opt_dis.step()

        wanted = torch.randint(0, CLASSES, (x.size(0),))
        wanted_onehot = F.one_hot(wanted, CLASSES).float()
        score = dis(gen(torch.randn(x.size(0), NOISE), wanted_onehot), wanted_onehot)
        loss_g = bce(score, torch.ones_like(score))
        loss_g.backward()
        opt_gen.step()
    print(f"epoch {epoch + 1}  D {loss_d.item():.3f}  G {loss_g.item():.3f}")

gen.eval()
with torch.no_grad():
    for k in range(CLASSES):
        onehot = F.one_hot(torch.full((100,), k), CLASSES).float()
        print(k, gen(torch.randn(100, NOISE), onehot).mean(0).tolist())
