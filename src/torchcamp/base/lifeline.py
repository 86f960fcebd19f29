"""End a process when the one that it serves has ended, however that happened: SIGKILL included.

A pipe tells on every system: its read end reports the end of the file once no process holds the
write end any more. Linux can also be asked to kill a process whose parent has gone.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # of <sys/prctl.h>


def die_with_parent(parent: int) -> None:
    """Be killed as soon as the process `parent`, which started this one, has ended.

    On Linux only; elsewhere this does nothing. A parent's thread that ends counts as its end, so the
    parent must have started this process from its main thread.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), signal.SIGKILL)


def when_closed(descriptor: int, then: Callable[[], None]) -> None:
    """Call `then`, in a thread, once the pipe whose read end is `descriptor` has no writer left."""

    def wait() -> None:
        while os.read(descriptor, 1 << 10):
            pass
        then()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
