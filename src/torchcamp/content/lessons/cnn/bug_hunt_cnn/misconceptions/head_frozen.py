"""The head is in the network that learns, but gets no gradient.

`requires_grad_(False)` takes it out of training. A new head knows nothing yet: it, above all, has
to learn.

Caught by: check_every_layer_learns.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def train(
    images: Tensor, labels: Tensor, test_images: Tensor, test_labels: Tensor, num_epochs: int
) -> tuple[nn.Module, float]:
    """Fit a network that knew ten classes to three new ones; keep its best epoch.

    Args:
        images, labels: (N, 1, 8, 8) and (N,), for training.
        test_images, test_labels: the same, for choosing the epoch.
        num_epochs: times through the training images.

    Returns:
        The network as it was after its best epoch, and its accuracy then.
    """
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 36, 10),
    )
    network[4] = nn.Linear(8 * 36, 3)  # a new head for the new classes
    network[4].requires_grad_(False)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    best, best_accuracy = None, -1.0
    for _ in range(num_epochs):
        network.train()
        for x, y in zip(images.split(16), labels.split(16), strict=True):
            loss = F.cross_entropy(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            predictions = network(test_images).argmax(dim=1)
        accuracy = (predictions == test_labels).float().mean().item()
        if accuracy > best_accuracy:
            best, best_accuracy = copy.deepcopy(network.state_dict()), accuracy
    if best is not None:
        network.load_state_dict(best)
    return network, best_accuracy
