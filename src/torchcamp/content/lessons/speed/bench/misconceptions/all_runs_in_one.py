"""You measured all runs in one go and divided.

Then they overlap: while the device works on one, the next has been asked for. That is how much
it does in a second, another question than how long one call takes; and one disturbed run spoils
the whole.

Caught by: check_waits. Catalogue: P1.
"""

from collections.abc import Callable


def bench(
    function: Callable[[], object],
    synchronise: Callable[[], None],
    clock: Callable[[], float],
    num_runs: int = 5,
) -> float:
    function()
    synchronise()
    start = clock()
    for _ in range(num_runs):
        function()
    synchronise()
    return (clock() - start) / num_runs
