"""Recurrent network: read a sequence step by step and give the probability of what comes next.

By the product rule, without any approximation, the probability of a sequence is

    p(x)  =  prod_t  p( x_t | x_0 ... x_{t-1} )

and a recurrent network carries all that came before in one vector, its hidden state. The gated
cell (GRU) decides how much of the old state to keep, z, and how much of it to use, r:

    r  = sigmoid( W_r x + b_r + U_r h + c_r )
    z  = sigmoid( W_z x + b_z + U_z h + c_z )
    n  = tanh( W_n x + b_n + r * (U_n h + c_n) )
    h' = (1 - z) * n + z * h

Two networks share it. `CharRNN` reads text: x_t is a character. `RowRNN` reads pictures of bits
from top to bottom: x_t is a row, and inside the row each pixel is predicted from the pixels to its
left and from the rows above, so that the product is still exact.

References: Cho et al., 2014 (arXiv:1406.1078), section 2.3, for the gated cell, here with the bias
inside the reset as `nn.GRU` has it; Larochelle & Murray, "The Neural Autoregressive Distribution
Estimator", 2011, section 3, for the row; Graves, 2013 (arXiv:1308.0850), for drawing text.

Shapes: B = batch, T = steps, H = hidden_size, V = characters, R = pixels in a row, D = row_units
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class CharRNNConfig:
    num_symbols: int = 100  # characters of the text
    embedding_dim: int = 64
    hidden_size: int = 384

    def __post_init__(self) -> None:
        if min(self.num_symbols, self.embedding_dim, self.hidden_size) < 1:
            raise ValueError("num_symbols, embedding_dim and hidden_size must be at least 1")


@dataclass(frozen=True, kw_only=True)
class RowRNNConfig:
    num_rows: int = 28
    row_length: int = 28  # pixels
    hidden_size: int = 256
    row_units: int = 32  # hidden units for each pixel of a row
    dropout: float = 0.0  # of the hidden state, on its way to the pixels

    def __post_init__(self) -> None:
        if min(self.num_rows, self.row_length, self.hidden_size, self.row_units) < 1:
            raise ValueError("the sizes of a RowRNN must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout must lie in [0, 1)")


# --- The cell --------------------------------------------------------------------------


def gru_cell(gru: nn.GRU, x: Tensor, hidden: Tensor) -> Tensor:
    """One step of `gru`, written out: x (B, input_size), hidden (B, H) to the next hidden (B, H)."""
    weight_x, weight_hidden, bias_x, bias_hidden = gru.all_weights[0]
    from_x = F.linear(x, weight_x, bias_x)  # (B, 3 * H)
    from_hidden = F.linear(hidden, weight_hidden, bias_hidden)  # (B, 3 * H)
    x_r, x_z, x_n = from_x.chunk(3, dim=1)
    h_r, h_z, h_n = from_hidden.chunk(3, dim=1)
    r = torch.sigmoid(x_r + h_r)  # (B, H)
    z = torch.sigmoid(x_z + h_z)  # (B, H)
    n = torch.tanh(x_n + r * h_n)  # (B, H)
    return (1 - z) * n + z * hidden


# --- The network for text --------------------------------------------------------------


class CharRNN(nn.Module):
    """Characters (B, T) to logits (B, T, V) of the character that follows each of them."""

    def __init__(self, config: CharRNNConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.num_symbols, config.embedding_dim)
        self.gru = nn.GRU(config.embedding_dim, config.hidden_size, batch_first=True)
        self.output = nn.Linear(config.hidden_size, config.num_symbols)

    def forward(self, symbols: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        x = self.embedding(symbols)
        states, last = self.gru(x, hidden)  # (B, T, H), (1, B, H)
        logits = self.output(states)  # (B, T, V)
        return logits, last

    def nats(self, symbols: Tensor) -> Tensor:
        """-log p of the characters after the first, in nats per character: (B,)"""
        logits, _ = self(symbols[:, :-1])
        targets = symbols[:, 1:]  # each position predicts the *next* character
        losses = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
        return losses.mean(dim=1)


# --- The network for pictures ----------------------------------------------------------


class RowRNN(nn.Module):
    """Pictures of bits (B, 1, T, R) to the logit of each bit, given all bits before it."""

    before: Tensor

    def __init__(self, config: RowRNNConfig) -> None:
        super().__init__()
        self.config = config
        row_length, row_units = config.row_length, config.row_units
        self.gru = nn.GRU(row_length, config.hidden_size, batch_first=True)
        self.from_above = nn.Linear(config.hidden_size, row_length * row_units)
        self.from_left = nn.Parameter(torch.zeros(row_length, row_length, row_units))
        self.output = nn.Parameter(torch.randn(row_length, row_units) / row_units**0.5)
        self.output_bias = nn.Parameter(torch.zeros(row_length))
        # Pixel j sees pixel i of its own row where i < j.
        before = torch.ones(row_length, row_length).triu(diagonal=1)
        self.register_buffer("before", before[:, :, None], persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        rows = images.squeeze(dim=1)  # (B, T, R)
        seen = F.pad(rows[:, :-1], (0, 0, 1, 0))  # (B, T, R)
        above, _ = self.gru(seen)  # (B, T, H)
        return self.row_logits(above, rows)

    def row_logits(self, above: Tensor, rows: Tensor) -> Tensor:
        """Logits (..., R) of a row's bits, from the state (..., H) and the bits to each one's left."""
        row_length, row_units = self.config.row_length, self.config.row_units
        above = F.dropout(above, self.config.dropout, self.training)
        from_left = rows @ (self.from_left * self.before).flatten(start_dim=1)
        units = F.relu(self.from_above(above) + from_left)
        units = units.unflatten(-1, (row_length, row_units))
        return (units * self.output).sum(dim=-1) + self.output_bias

    def nats(self, images: Tensor) -> Tensor:
        """-log p(image), exactly, in nats per image: (B,)"""
        logits = self(images)  # (B, T, R)
        rows = images.squeeze(dim=1)  # (B, T, R)
        bits = F.binary_cross_entropy_with_logits(logits.float(), rows, reduction="none")
        return bits.sum(dim=(1, 2))


# --- Their training step ---------------------------------------------------------------


def train_step(
    rnn: CharRNN | RowRNN, optimizer: Optimizer, batch: Tensor, *, max_norm: float = 1.0
) -> dict[str, Tensor]:
    """Forward, loss, backward, clip, step. The loss is in nats per image, or per character.

    The gradient of a long product of steps can be huge for a moment, so its norm is held down.
    """
    loss = rnn.nats(batch).mean()  # ()
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(rnn.parameters(), max_norm)  # ()
    optimizer.step()
    return {"loss": loss.detach(), "gradient_norm": norm.detach()}


# --- Sampling from them ----------------------------------------------------------------


@torch.no_grad()
def sample(
    rnn: RowRNN,
    num_samples: int,
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
    begun: Tensor | None = None,
) -> Tensor:
    """Pictures of bits (num_samples, 1, T, R), drawn pixel by pixel in reading order.

    temperature: divides the logits; below 1 the likely becomes likelier.
    begun: the first rows (num_samples, 1, t, R) of each picture, kept as they are.
    """
    config, device = rnn.config, rnn.output.device
    rows = torch.zeros(num_samples, config.num_rows, config.row_length, device=device)
    num_begun = 0
    if begun is not None:
        num_begun = begun.shape[2]
        rows[:, :num_begun] = begun.squeeze(dim=1)
    hidden = torch.zeros(num_samples, config.hidden_size, device=device)
    for t in range(config.num_rows):
        hidden = gru_cell(rnn.gru, rows[:, t - 1] if t else torch.zeros_like(rows[:, 0]), hidden)
        if t >= num_begun:
            rows[:, t] = sample_row(rnn, hidden, temperature, generator)
    return rows[:, None]


def sample_row(
    rnn: RowRNN, above: Tensor, temperature: float, generator: torch.Generator | None
) -> Tensor:
    """One row (B, R) below the state `above` (B, H), from left to right."""
    row_length, row_units = rnn.config.row_length, rnn.config.row_units
    units = rnn.from_above(above).unflatten(1, (row_length, row_units))  # (B, R, D)
    row = torch.zeros(len(above), row_length, device=above.device)  # (B, R)
    for j in range(row_length):
        unit = F.relu(units[:, j] + row[:, :j] @ rnn.from_left[:j, j])  # (B, D)
        logits = unit @ rnn.output[j] + rnn.output_bias[j]  # (B,)
        noise = torch.rand(len(above), generator=generator).to(above.device)
        row[:, j] = (noise < torch.sigmoid(logits / temperature)).float()
    return row


@torch.no_grad()
def sample_text(
    rnn: CharRNN,
    prompt: Tensor,
    num_symbols: int,
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """`num_symbols` characters that follow the prompt (T,), each drawn and then read: (num_symbols,)

    temperature: divides the logits; below 1 the likely becomes likelier.
    """
    logits, hidden = rnn(prompt[None])
    drawn = []
    for _ in range(num_symbols):
        probs = F.softmax(logits[0, -1].float() / temperature, dim=0)  # (V,)
        symbol = torch.multinomial(probs.cpu(), 1, generator=generator)  # (1,)
        drawn.append(symbol)
        logits, hidden = rnn(symbol[None].to(prompt.device), hidden)
    return torch.cat(drawn)
