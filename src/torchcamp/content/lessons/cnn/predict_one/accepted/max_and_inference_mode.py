import torch
from torch import Tensor, nn


def predict_one(network: nn.Module, image: Tensor) -> tuple[int, float]:
    mode = network.training
    with torch.inference_mode():
        log_probs = network.eval()(image[None]).log_softmax(1)
    network.train(mode)
    value, label = log_probs.max(dim=1)
    return label.item(), value.exp().item()
