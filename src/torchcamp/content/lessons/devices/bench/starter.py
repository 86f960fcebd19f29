import statistics
from collections.abc import Callable


def bench(
    function: Callable[[], object],
    synchronise: Callable[[], None],
    clock: Callable[[], float],
    num_runs: int = 5,
) -> float:
    """Median seconds of a call, until the device is done."""
    # TODO: warm up, then measure until the device is done
    raise NotImplementedError
