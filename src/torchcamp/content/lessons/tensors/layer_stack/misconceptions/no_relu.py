"""There is no nonlinearity between your layers.

A product of matrices is a matrix: three linear layers in a row can do exactly what one can. ReLU
between them is what makes depth worth having.

Caught by: check_relu. Catalogue: N16.
"""

from torch import Tensor, nn


class Stack(nn.Module):
    def __init__(self, width: int, num_layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(num_layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x
