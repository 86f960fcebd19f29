import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = network.bn1(network.conv1(images)).relu()
    x = network.bn2(network.conv2(x))
    x = F.relu(F.max_pool2d(x, 2))
    return network.output(network.dropout(x.view(len(x), -1)))
