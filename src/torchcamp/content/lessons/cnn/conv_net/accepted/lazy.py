import torch.nn.functional as F
from torch import Tensor, nn


class ConvNet(nn.Module):
    def __init__(self, c1: int, c2: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm2d(c1), nn.BatchNorm2d(c2)])
        self.convs = nn.ModuleList(
            nn.LazyConv2d(maps, 3, padding="same", bias=False) for maps in (c1, c2)
        )
        self.output = nn.LazyLinear(10)

    def forward(self, images: Tensor) -> Tensor:
        for conv, norm in zip(self.convs, self.norms):
            images = F.max_pool2d(F.relu(norm(conv(images))), 2)
        return self.output(images.flatten(1))
