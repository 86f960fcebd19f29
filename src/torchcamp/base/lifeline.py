"""End a process when the one that it serves has ended, however that happened: SIGKILL included.

A pipe tells on every system: its read end reports the end of the file once no process holds the
write end any more. Linux can also be asked to kill a process whose parent has gone; elsewhere the
process asks, again and again, who its parent is.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

LIFELINE = "TORCHCAMP_LIFELINE"  # environment variable of a server: the read end of such a pipe
PR_SET_PDEATHSIG = 1  # of <sys/prctl.h>
POLL_SECONDS = 0.5


def die_with_parent(parent: int) -> None:
    """Be killed when the process `parent`, which started this one, has ended: at once on Linux.

    Linux takes the end of the thread that started this process for the parent's end, so that must be
    its main thread. Elsewhere a thread looks every half second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:  # it ended before the call
            os.kill(os.getpid(), signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), name="lifeline", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def when_closed(descriptor: int, then: Callable[[], None]) -> None:
    """Call `then`, in a thread, once the pipe whose read end is `descriptor` has no writer left."""

    def wait() -> None:
        while os.read(descriptor, 1 << 10):
            pass
        then()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
