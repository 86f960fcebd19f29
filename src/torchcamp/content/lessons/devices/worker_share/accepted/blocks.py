import torch
from torch import Tensor


def worker_share(num_images: int, rank: int, num_ranks: int, epoch: int, seed: int) -> Tensor:
    torch_generator = torch.Generator().manual_seed(1000 * seed + epoch)
    size = num_images // num_ranks
    return torch.randperm(num_images, generator=torch_generator)[rank * size : (rank + 1) * size]


def mean_over_ranks(sums: Tensor, counts: Tensor) -> float:
    return (sums.sum() / counts.sum()).item()
