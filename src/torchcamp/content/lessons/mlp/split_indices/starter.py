import torch


def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    """Indices 0 to n - 1 in three piles: training, validation, test."""
    # TODO: shuffle once, by the seed; then cut
    raise NotImplementedError
