"""Start several processes of a command on this machine, through torchrun's own launcher."""

import contextlib
import logging
import os
import signal
import sys
import uuid
from collections.abc import Iterator, Sequence

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from torchcamp.base.errors import RunError
from torchcamp.base.leaving import LAUNCHED


def launch(args: Sequence[str], num_processes: int, max_restarts: int = 0) -> int:
    """Run `python -m torchcamp ARGS` in `num_processes` processes that know of each other.

    The processor's cores are shared out among them, unless OMP_NUM_THREADS says otherwise.

    Args:
        max_restarts: how often all are started again after one has failed.

    Returns:
        The exit code of the process that failed first, or 0.

    Raises:
        RunError: a process was killed.
    """
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=num_processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=max_restarts,
        monitor_interval=0.1,
    )
    threads = max(1, (os.cpu_count() or 1) // num_processes)
    environment = {
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(threads)),
        LAUNCHED: "1",
    }
    with _quiet(), _environment(environment):
        try:
            elastic_launch(config, sys.executable)("-m", "torchcamp", *args)
        except ChildFailedError as error:
            # Those that the launcher itself ended, by SIGTERM, are not the reason.
            for rank, failure in error.failures.items():
                if failure.exitcode < 0 and failure.exitcode != -signal.SIGTERM:
                    raise RunError(
                        f"process {rank} of {num_processes} was killed ({failure.signal_name()}); the "
                        "run stays at its last checkpoint: go on with torchcamp train --resume latest"
                    ) from error
            return max(failure.exitcode for failure in error.failures.values()) or 2
        except SignalException:  # Ctrl-C: the processes have stopped after their step, and said so
            return 130
    return 0


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the launcher's own reports: the processes say what went wrong."""
    logger = logging.getLogger("torch.distributed.elastic")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
