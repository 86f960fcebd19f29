"""Style: digits as bytes, a normalize() helper, flat epochs. Trap: bytes all the way into the loop."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(44)

digits = load_digits()
pixels = (torch.tensor(digits.images) * 255 / 16).to(torch.uint8).unsqueeze(1)
target = torch.tensor(digits.target)
order = torch.randperm(len(pixels))
train, val = order[:1300], order[1300:]
background = pixels[train].float().mean(0, keepdim=True).round().to(torch.uint8)


def normalize(images):
    return images.float() / 255


def centred(images):
    """Pictures minus the mean picture, from -1 to 1."""
    return normalize(images) - normalize(background)


def init_weights(layer):
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)


net = nn.Sequential(
    nn.Conv2d(1, 12, 3),
    nn.ReLU(),
    nn.Conv2d(12, 12, 3, stride=2),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(48, 40),
    nn.ReLU(),
    nn.Linear(40, 10),
)
net.apply(init_weights)
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.NAdam(net.parameters(), lr=2e-3)

batch = 50
for epoch in range(5):
    shuffled = train[torch.randperm(len(train))]
    for rows in shuffled.split(batch):
        opt.zero_grad()
        out = net(centred(pixels[rows]))
        loss = loss_fn(out, target[rows])
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(centred(pixels[val]))
        val_loss = loss_fn(out, target[val]).item()
        val_acc = (out.argmax(dim=1) == target[val]).float().mean().item()
    print(f"epoch {epoch:d} val loss {val_loss:.3f} val acc {val_acc:.3f}")
