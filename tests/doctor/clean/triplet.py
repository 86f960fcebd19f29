"""Style: triplet margin loss, then a nearest-centroid test. Trap: three passes, embeddings normalised to length one, no classifier."""

import torch
from torch import nn
from torch.nn import functional as F


def make_data(n, generator):
    labels = torch.randint(0, 5, (n,), generator=generator)
    t = torch.linspace(0, 1, 30)
    shift = torch.rand(n, 1, generator=generator)
    x = torch.sin(2 * torch.pi * ((1 + labels[:, None]) * t + shift))
    return x + 0.2 * torch.randn(n, 30, generator=generator), labels


class Embedder(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 16, 5, padding=2)
        self.conv2 = nn.Conv1d(16, 32, 5, padding=2)
        self.dropout = nn.Dropout(0.1)
        self.project = nn.Linear(32, dim)

    def forward(self, x):
        h = F.relu(self.conv1(x.unsqueeze(1)))
        h = F.relu(self.conv2(F.max_pool1d(h, 2)))
        return F.normalize(self.project(self.dropout(h.amax(dim=2))), dim=1)


def draw_triplets(labels, batch):
    anchors = torch.randint(0, len(labels), (batch,))
    alike = labels[anchors, None] == labels[None, :]
    positives = torch.multinomial(alike.float(), 1).squeeze(1)
    negatives = torch.multinomial((~alike).float(), 1).squeeze(1)
    return anchors, positives, negatives


@torch.no_grad()
def accuracy(model, x, y, x_test, y_test):
    model.eval()
    embedded = model(x)
    centroids = torch.stack([embedded[y == k].mean(0) for k in range(5)])
    return (torch.cdist(model(x_test), centroids).argmin(1) == y_test).float().mean().item()


def main():
    torch.manual_seed(77)
    generator = torch.Generator().manual_seed(1)
    x, y = make_data(400, generator)
    x_test, y_test = make_data(100, generator)
    model = Embedder()
    loss_fn = nn.TripletMarginLoss(margin=0.4)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(4):
        model.train()
        total = 0.0
        for _ in range(12):
            a, p, n = draw_triplets(y, 48)
            loss = loss_fn(model(x[a]), model(x[p]), model(x[n]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch}: {total / 12:.3f}, test {accuracy(model, x, y, x_test, y_test):.2f}")


if __name__ == "__main__":
    main()
