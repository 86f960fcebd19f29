from torch import Tensor, nn


def classify(network: nn.Module, images: Tensor) -> Tensor:
    like = next(network.parameters())
    return network((images.to(like.device)[:, None] / 255).type_as(like))
