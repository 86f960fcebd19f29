"""You took sigmoid.

It treats each class as a question of its own. Exactly one of the classes is right, so they share
1: softmax.

Caught by: check_probability.
"""

import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        probs = network(image.unsqueeze(0))[0].sigmoid()
    network.train(was_training)
    best = int(probs.argmax())
    return best, float(probs[best])
