def split_indices(
    n: int, validation: float, test: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    import random

    order = list(range(n))
    random.Random(seed).shuffle(order)
    num_validation, num_test = int(n * validation), int(n * test)
    return (
        order[num_validation + num_test :],
        order[:num_validation],
        order[num_validation : num_validation + num_test],
    )
