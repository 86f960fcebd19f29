import torch
from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    modes = {module: module.training for module in network.modules()}
    try:
        with torch.inference_mode():
            return network.eval()(images)
    finally:
        for module, mode in modes.items():
            module.training = mode
