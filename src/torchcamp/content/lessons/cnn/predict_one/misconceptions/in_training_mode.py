"""You left the network in training mode.

Batch norm then wants the statistics of the batch, and a batch of one value has none: *expected
more than 1 value per channel when training*. A network that is used is in eval mode.

Caught by: check_class. Catalogue: N5.
"""

import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    was_training = network.training
    with torch.no_grad():
        probs = network(image.unsqueeze(0))[0].softmax(dim=0)
    network.train(was_training)
    best = int(probs.argmax())
    return best, float(probs[best])
