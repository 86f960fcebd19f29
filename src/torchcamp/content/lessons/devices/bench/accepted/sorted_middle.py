import statistics
from collections.abc import Callable


def bench(
    function: Callable[[], object],
    synchronise: Callable[[], None],
    clock: Callable[[], float],
    num_runs: int = 5,
) -> float:
    times = []
    for n in range(num_runs + 1):
        synchronise()
        begin = clock()
        function()
        synchronise()
        if n:
            times.append(clock() - begin)
    return statistics.median(times)
