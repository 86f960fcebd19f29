import torch.nn.functional as F
from torch import Tensor, nn


class ConvNet(nn.Module):
    def __init__(self, c1: int, c2: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(i, o, 3, padding="same", bias=False) for i, o in ((1, c1), (c1, c2))
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in (c1, c2))
        self.head = nn.Linear(49 * c2, 10)

    def forward(self, images: Tensor) -> Tensor:
        for conv, norm in zip(self.convs, self.norms):
            images = F.max_pool2d(norm(conv(images)), 2).relu()
        return self.head(images.flatten(1))
