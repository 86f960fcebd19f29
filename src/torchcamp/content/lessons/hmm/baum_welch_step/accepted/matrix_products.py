import torch
from torch import Tensor


def baum_welch_step(
    posterior: Tensor, pairs: Tensor, symbols: Tensor, num_symbols: int
) -> tuple[Tensor, Tensor, Tensor]:
    seen = torch.nn.functional.one_hot(symbols, num_symbols).float()
    tables = []
    for counts in (pairs.sum(0), posterior.T @ seen):
        counts = torch.where(counts.sum(1, keepdim=True) == 0, 1.0, counts)
        tables.append(counts / counts.sum(1, keepdim=True))
    return posterior[0], *tables
