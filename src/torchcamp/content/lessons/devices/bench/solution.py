import statistics
from collections.abc import Callable


def bench(
    function: Callable[[], object],
    synchronise: Callable[[], None],
    clock: Callable[[], float],
    num_runs: int = 5,
) -> float:
    """Median seconds of a call, until the device is done."""
    function()
    synchronise()
    seconds = []
    for _ in range(num_runs):
        start = clock()
        function()
        synchronise()
        seconds.append(clock() - start)
    return statistics.median(seconds)
