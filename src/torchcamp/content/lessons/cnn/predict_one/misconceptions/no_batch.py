"""You gave the network a picture without a batch.

`(C, H, W)` is read as something else by one layer or the other; here the flattening joins what
should stay apart. A batch of one is `image.unsqueeze(0)`.

Caught by: check_class. Catalogue: V15.
"""

import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        probs = network(image).softmax(dim=0)
    network.train(was_training)
    best = int(probs.argmax())
    return best, float(probs[best])
