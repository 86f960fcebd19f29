"""You chose the epoch on the test.

Then the test takes part in the training, and its best number is partly luck: on fresh data it
will be lower. The test may be looked at once, at the end.

Caught by: check_worked. Catalogue: M9.
"""


def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    best = max(range(len(validation)), key=lambda epoch: test[epoch])
    return best, test[best]
