"""Style: style transfer, the picture is the parameter. Trap: the network is frozen and random, the optimizer owns no weight, gradients reach an image."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(13)
SIDE = 32


def checkerboard(period):
    i = torch.arange(SIDE) // period
    return ((i[:, None] + i[None, :]) % 2).float().expand(1, 3, SIDE, SIDE)


ramp = torch.linspace(0, 1, SIDE)
content = torch.stack(
    [ramp.expand(SIDE, SIDE), ramp[:, None].expand(SIDE, SIDE), ramp.expand(SIDE, SIDE)]
)[None]
style = checkerboard(4) * torch.tensor([0.9, 0.4, 0.1]).view(1, 3, 1, 1)

features = nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(16, 16, 3, padding=1),
    nn.ReLU(),
    nn.AvgPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.ReLU(),
)
features.requires_grad_(False).eval()
STYLE_LAYERS, CONTENT_LAYERS = (1, 3), (6,)


def extract(picture):
    found, x = {}, picture
    for number, layer in enumerate(features):
        x = layer(x)
        found[number] = x
    return found


def gram(feature):
    _, channels, height, width = feature.shape
    flat = feature.view(channels, height * width)
    return flat @ flat.t() / (channels * height * width)


with torch.no_grad():
    content_targets = {k: v for k, v in extract(content).items() if k in CONTENT_LAYERS}
    style_targets = {k: gram(v) for k, v in extract(style).items() if k in STYLE_LAYERS}

image = content.clone().requires_grad_(True)
optimizer = torch.optim.Adam([image], lr=0.02)
for step in range(60):
    found = extract(image)
    content_loss = sum(F.mse_loss(found[k], target) for k, target in content_targets.items())
    style_loss = sum(F.mse_loss(gram(found[k]), target) for k, target in style_targets.items())
    wiggle = (image[..., 1:] - image[..., :-1]).abs().mean()
    loss = content_loss + 1e4 * style_loss + 1e-3 * wiggle
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        image.clamp_(0, 1)
    if step % 20 == 19:
        print(f"step {step + 1}: content {content_loss.item():.5f}, style {style_loss.item():.7f}")
