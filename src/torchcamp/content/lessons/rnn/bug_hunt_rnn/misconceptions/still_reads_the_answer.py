"""The layout is mended. The model is still asked for what it has just read.

Its targets are its inputs. The loss falls to 0, and writing repeats one letter. The target is
the **next** character.

Caught by: check_no_cheating. Catalogue: R10.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Model(nn.Module):
    def __init__(self, num_symbols: int, hidden_size: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_symbols, 8)
        self.gru = nn.GRU(8, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, num_symbols)

    def forward(self, symbols: Tensor) -> Tensor:
        states, _ = self.gru(self.embedding(symbols))
        return self.output(states)


def loss_of(model: Model, symbols: Tensor) -> Tensor:
    inputs, targets = symbols[:, :-1], symbols[:, :-1]
    return F.cross_entropy(model(inputs).transpose(1, 2), targets)
