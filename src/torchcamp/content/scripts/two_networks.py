"""Two classifiers are compared on the same data."""

import torch
import torch.nn.functional as F
from torch import nn

BATCH_SIZE = 64


def make(width):
    return nn.Sequential(nn.Linear(20, width), nn.ReLU(), nn.Linear(width, 3))


def train(images, labels, num_epochs=2):
    plain, wide = make(8), make(64)
    plain_optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    wide_optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    for _ in range(num_epochs):
        order = torch.randperm(len(images))
        for batch in order.split(BATCH_SIZE):
            for network, optimizer in ((plain, plain_optimizer), (wide, wide_optimizer)):
                loss = F.cross_entropy(network(images[batch]), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return plain, wide


def accuracy(network, images, labels):
    right, batches = 0, 0
    for x, y in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE)):
        with torch.no_grad():
            right += (network(x).argmax(dim=1) == y).sum().item()
        batches += 1
    return right / (batches * BATCH_SIZE)


if __name__ == "__main__":
    pictures, classes = torch.randn(200, 20), torch.randint(3, (200,))
    for each in train(pictures, classes):
        print(accuracy(each, pictures, classes))
