"""You took softmax over the batch.

A batch of one sums to 1 in every class: the probability is always 1. The classes are axis 1, or
axis 0 once you took the picture out of its batch.

Caught by: check_probability. Catalogue: A4.
"""

import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        probs = network(image.unsqueeze(0)).softmax(dim=0)[0]
    network.train(was_training)
    best = int(network.eval()(image.unsqueeze(0)).argmax())
    network.train(was_training)
    return best, float(probs[best])
