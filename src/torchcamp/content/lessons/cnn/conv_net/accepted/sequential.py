from torch import Tensor, nn


class ConvNet(nn.Module):
    def __init__(self, c1: int, c2: int) -> None:
        super().__init__()
        self.all = nn.Sequential(
            nn.Conv2d(1, c1, 3, padding=1, bias=False),
            nn.BatchNorm2d(c1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(c1, c2, 3, padding=1, bias=False),
            nn.BatchNorm2d(c2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(c2 * 49, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.all(images)
