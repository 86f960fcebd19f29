"""You kept the last epoch.

It is no worse a rule than others, but then validation data are not needed. Keep the epoch with
the best validation accuracy.

Caught by: check_worked.
"""


def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    best = len(validation) - 1
    return best, test[best]
