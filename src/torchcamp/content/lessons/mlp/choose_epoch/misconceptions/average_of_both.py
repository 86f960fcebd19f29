"""You chose by the mean of both.

Half of the choice is then made by the test, and it is no test any more.

Caught by: check_worked. Catalogue: M9.
"""


def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    best = max(range(len(validation)), key=lambda epoch: validation[epoch] + test[epoch])
    return best, test[best]
