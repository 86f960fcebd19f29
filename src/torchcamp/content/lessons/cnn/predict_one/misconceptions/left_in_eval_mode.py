"""You left the network in eval mode.

If it was in the middle of its training, that goes on without dropout.

Caught by: check_left_as_it_was. Catalogue: N3.
"""

import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        probs = network(image.unsqueeze(0))[0].softmax(dim=0)
    best = int(probs.argmax())
    return best, float(probs[best])
