def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    """The epoch to keep, from 0, and the accuracy to report for it."""
    best = max(range(len(validation)), key=lambda epoch: validation[epoch])
    return best, test[best]
