"""You did not wait for the device.

You measured how long it takes to ask. On a GPU a matrix product seems to take 0.03 ms, whatever
its size. Wait before you stop the clock.

Caught by: check_waits. Catalogue: P1.
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
        seconds.append(clock() - start)
    return statistics.median(seconds)
