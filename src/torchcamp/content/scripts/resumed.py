"""A training that can be stopped and resumed, with the best weights kept."""

import random
from random import random as chance

import torch
import torch.nn.functional as F
from torch import nn


def augment(image):
    if chance() < 0.5:
        image = image.flip(-1)
    return torch.roll(image, random.randint(-2, 2), dims=-1)


def train(network, images, labels, path, num_epochs=3):
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    best, best_loss = None, float("inf")
    for epoch in range(num_epochs):
        network.train()
        total = 0.0
        for x, y in zip(images.split(32), labels.split(32)):
            loss = F.cross_entropy(network(torch.stack([augment(image) for image in x])), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        if total < best_loss:
            best, best_loss = network.state_dict(), total
        torch.save({"network": network.state_dict(), "epoch": epoch}, path)
    network.load_state_dict(best)
    return network


if __name__ == "__main__":
    import tempfile

    net = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
    with tempfile.TemporaryDirectory() as folder:
        train(net, torch.randn(96, 16), torch.randint(2, (96,)), f"{folder}/run.pt")
