import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Model(nn.Module):
    """Texts (B, T) to logits (B, T, V) of the next character."""

    def __init__(self, num_symbols: int, hidden_size: int = 16) -> None:
        super().__init__()
        # TODO: one line of the class is wrong, and one of `loss_of`. Mend them.
        self.embedding = nn.Embedding(num_symbols, 8)
        self.gru = nn.GRU(8, hidden_size)
        self.output = nn.Linear(hidden_size, num_symbols)

    def forward(self, symbols: Tensor) -> Tensor:
        states, _ = self.gru(self.embedding(symbols))
        return self.output(states)


def loss_of(model: Model, symbols: Tensor) -> Tensor:
    """Nats per character of texts (B, T)."""
    inputs, targets = symbols[:, :-1], symbols[:, :-1]
    return F.cross_entropy(model(inputs).transpose(1, 2), targets)
