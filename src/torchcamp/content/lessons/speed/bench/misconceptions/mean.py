"""You took the mean.

On a machine that does other things one run of a hundred is disturbed: the mean follows it, the
median does not.

Caught by: check_median.
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
    synchronise()
    seconds = []
    for _ in range(num_runs):
        start = clock()
        function()
        synchronise()
        seconds.append(clock() - start)
    return statistics.fmean(seconds)
