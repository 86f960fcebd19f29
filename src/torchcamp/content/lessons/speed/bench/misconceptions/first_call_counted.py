"""You counted the first call.

It loads libraries, allocates memory and may compile: nothing that happens again. Call once
before the clock starts.

Caught by: check_first_call. Catalogue: P2.
"""

import statistics
from collections.abc import Callable


def bench(
    function: Callable[[], object],
    synchronise: Callable[[], None],
    clock: Callable[[], float],
    num_runs: int = 5,
) -> float:
    seconds = []
    for _ in range(num_runs):
        start = clock()
        function()
        synchronise()
        seconds.append(clock() - start)
    return statistics.median(seconds)
