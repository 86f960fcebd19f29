import torch
from torch import Tensor, nn


def last_states(gru: nn.GRU, x: Tensor) -> Tensor:
    if not gru.batch_first:
        x = x.permute(1, 0, 2)
    out, _ = gru(x)
    if not gru.batch_first:
        out = out.permute(1, 0, 2)
    if not gru.bidirectional:
        return out[:, -1]
    return torch.cat([out[:, -1, : gru.hidden_size], out[:, 0, gru.hidden_size :]], dim=-1)
