"""You began to measure while the warm-up was still running.

Then the first measured call waits for it. Synchronise after the warm-up too.

Caught by: check_first_call. Catalogue: P1.
"""

import statistics
from collections.abc import Callable


def bench(
    function: Callable[[], object],
    synchronise: Callable[[], None],
    clock: Callable[[], float],
    num_runs: int = 5,
) -> float:
    function()
    seconds = []
    for _ in range(num_runs):
        start = clock()
        function()
        synchronise()
        seconds.append(clock() - start)
    return statistics.median(seconds)
