"""You reported the accuracy that you chose by.

The best of many epochs was also the luckiest, so its validation accuracy is too good. The test
did not take part in the choice: report that.

Caught by: check_worked.
"""


def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    best = max(range(len(validation)), key=lambda epoch: validation[epoch])
    return best, validation[best]
