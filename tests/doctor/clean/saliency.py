"""Style: train, then explain by input gradients. Trap: backward passes at the end without a step."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(12)
SIDE = 10


def bars(n):
    """Noise with a bright bar: 0 is horizontal, 1 is vertical."""
    x = 0.3 * torch.rand(n, 1, SIDE, SIDE)
    y = torch.randint(2, (n,))
    for i in range(n):
        k = int(torch.randint(SIDE, ()))
        if y[i] == 0:
            x[i, 0, k] += 0.7
        else:
            x[i, 0, :, k] += 0.7
    return x, y


class BarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, kernel_size=5)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        h = torch.relu(self.bn(self.conv(x)))
        return self.fc(h.amax(dim=(2, 3)))


x_train, y_train = bars(500)
x_val, y_val = bars(100)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=25, shuffle=True)
net = BarNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(3):
    net.train()
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch}: {(net(x_val).argmax(1) == y_val).float().mean():.3f}")


def saliency_map(image, label):
    image = image.clone().unsqueeze(0).requires_grad_()
    score = net(image)[0, label]
    net.zero_grad()
    score.backward()
    return image.grad.abs().squeeze()


def smooth_grad(image, label, samples=8, sigma=0.1):
    noisy = image + sigma * torch.randn(samples, *image.shape)
    return torch.stack([saliency_map(one, label) for one in noisy]).mean(0)


net.eval()
share = []
for image, label in zip(x_val[:10], y_val[:10], strict=True):
    heat = smooth_grad(image, label)
    bar = image[0] > 0.5
    share.append((heat[bar].sum() / heat.sum()).item())
print(f"share of the gradient on the bar: {sum(share) / len(share):.2f}")
