"""You chose by one list and reported the best number of the other.

The number must belong to the network that you keep.

Caught by: check_worked.
"""


def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    best = max(range(len(validation)), key=lambda epoch: validation[epoch])
    return best, max(test)
