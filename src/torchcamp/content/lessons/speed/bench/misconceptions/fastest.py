"""You warmed up with all runs.

One call is enough to load and compile; more of them cost as long as the measurement.

Caught by: check_runs.
"""

import statistics
from collections.abc import Callable


def bench(
    function: Callable[[], object],
    synchronise: Callable[[], None],
    clock: Callable[[], float],
    num_runs: int = 5,
) -> float:
    for _ in range(num_runs):
        function()
    synchronise()
    seconds = []
    for _ in range(num_runs):
        start = clock()
        function()
        synchronise()
        seconds.append(clock() - start)
    return statistics.median(seconds)
