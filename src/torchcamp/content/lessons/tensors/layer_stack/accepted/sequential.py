from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        pairs = [(nn.Linear(width, width), nn.ReLU()) for _ in range(num_layers)]
        self.all = nn.Sequential(*(part for pair in pairs for part in pair))

    def forward(self, x: Tensor) -> Tensor:
        return self.all(x)
