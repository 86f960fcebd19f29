"""You counted epochs from 1.

Here the first is epoch 0, as in `range`.

Caught by: check_worked.
"""


def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    best = max(range(len(validation)), key=lambda epoch: validation[epoch])
    return best + 1, test[best]
