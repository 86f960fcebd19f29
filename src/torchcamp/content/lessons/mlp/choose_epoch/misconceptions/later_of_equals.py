"""Of two equal epochs you took the later.

It is no better and cost more.

Caught by: check_equal_epochs.
"""


def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    best = max(range(len(validation)), key=lambda epoch: (validation[epoch], epoch))
    return best, test[best]
