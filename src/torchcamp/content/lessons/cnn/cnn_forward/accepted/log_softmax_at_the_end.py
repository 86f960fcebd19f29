import torch.nn.functional as F
from torch import Tensor, nn


def forward(network: nn.Module, images: Tensor) -> Tensor:
    x = F.relu(network.bn1(network.conv1(images)))
    x = F.relu(network.bn2(network.conv2(x)))
    x = F.max_pool2d(x, 2)
    x = x.flatten(start_dim=1)
    x = network.dropout(x)
    return F.log_softmax(network.output(x), dim=1)
