"""The targets are mended. The texts of a batch are still mixed.

`nn.GRU` reads (T, B, D) unless it is told `batch_first=True`. Yours takes the texts for steps
and carries the state from one text to the next. Every shape fits.

Caught by: check_texts_apart. Catalogue: R1.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Model(nn.Module):
    def __init__(self, num_symbols: int, hidden_size: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_symbols, 8)
        self.gru = nn.GRU(8, hidden_size)
        self.output = nn.Linear(hidden_size, num_symbols)

    def forward(self, symbols: Tensor) -> Tensor:
        states, _ = self.gru(self.embedding(symbols))
        return self.output(states)


def loss_of(model: Model, symbols: Tensor) -> Tensor:
    inputs, targets = symbols[:, :-1], symbols[:, 1:]
    return F.cross_entropy(model(inputs).transpose(1, 2), targets)
