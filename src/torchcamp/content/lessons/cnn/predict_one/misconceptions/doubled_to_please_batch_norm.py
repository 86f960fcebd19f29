"""You showed the picture twice to satisfy batch norm.

Then it raises nothing more, and normalises with the statistics of this one picture, which is not
how the network was meant to be used. The mode was wrong: `eval()`.

Caught by: check_class. Catalogue: N5.
"""

import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    was_training = network.training
    with torch.no_grad():
        probs = network(torch.stack([image, image + 1e-6]))[0].softmax(dim=0)
    network.train(was_training)
    best = int(probs.argmax())
    return best, float(probs[best])
