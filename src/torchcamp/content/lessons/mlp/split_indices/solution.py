import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    """Indices 0 to n - 1 in three piles: training, validation, test."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=generator).tolist()
    num_validation, num_test = int(n * validation), int(n * test)
    cut = n - num_validation - num_test
    return order[:cut], order[cut : cut + num_validation], order[cut + num_validation :]
