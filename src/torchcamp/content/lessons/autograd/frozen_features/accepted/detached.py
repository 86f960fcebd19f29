from torch import Tensor, nn


def frozen_features(network: nn.Module, images: Tensor) -> Tensor:
    before = network.training
    features = network.eval()(images).detach()
    network.train(before)
    return features
