import torch
from torch import Tensor

RATE = 0.05


def add_up(batches: list[Tensor], weight: Tensor, sums: Tensor) -> Tensor:
    """Add vᵀ p(h|v), data minus one Gibbs step, of each batch of bits (B, V) to `sums` (V, H)."""
    for v in batches:
        h = torch.sigmoid(v @ weight)
        model = torch.bernoulli(torch.sigmoid(torch.bernoulli(h) @ weight.T))
        sums += (v.T @ h - model.T @ torch.sigmoid(model @ weight)) / len(v)
    return sums


def train(batches: list[Tensor], num_hidden: int, num_epochs: int) -> tuple[Tensor, list[float]]:
    """The weights (V, H), and how far each epoch moved them."""
    torch.manual_seed(0)
    weight = 0.1 * torch.randn(batches[0].shape[1], num_hidden)
    moved = []
    for _ in range(num_epochs):
        sums = torch.zeros_like(weight)
        step = RATE * add_up(batches, weight, sums) / len(batches)
        weight = weight + step
        moved.append(step.norm().item())
    return weight, moved
