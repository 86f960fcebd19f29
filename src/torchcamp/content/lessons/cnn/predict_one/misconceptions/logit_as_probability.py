"""You returned the logit.

A logit is any number. Softmax makes probabilities of the logits.

Caught by: check_probability.
"""

import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    was_training = network.training
    network.eval()
    with torch.no_grad():
        probs = network(image.unsqueeze(0))[0]
    network.train(was_training)
    best = int(probs.argmax())
    return best, float(probs[best])
