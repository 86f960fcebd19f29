def choose_epoch(validation: list[float], test: list[float]) -> tuple[int, float]:
    epoch = validation.index(max(validation))
    return epoch, test[epoch]
