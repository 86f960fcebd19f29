import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    """The likeliest class of one picture (C, H, W), and its probability."""
    was_training = network.training
    network.eval()
    with torch.no_grad():
        probs = network(image.unsqueeze(0))[0].softmax(dim=0)
    network.train(was_training)
    best = int(probs.argmax())
    return best, float(probs[best])
