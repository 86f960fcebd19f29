"""Signals that ask the program to end: at any moment they become one sentence and an exit code.

While modules are imported, and after a command has ended, there is nothing to tidy up, and an
exception would come out as another one, or with a traceback: the program leaves at once.
"""

import os
import signal
from types import FrameType

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
UNHEARD = (signal.SIG_DFL, signal.default_int_handler)  # others were set on purpose: `nohup`

LAUNCHED = "TORCHCAMP_LAUNCHED"  # set by `training.launch` for the processes that it begins


def is_told_by_launcher(number: int) -> bool:
    """Whether a signal comes from the launcher, which ends the others when a process fails, and says why."""
    return number == signal.SIGTERM and LAUNCHED in os.environ


def leave(number: int, frame: FrameType | None) -> None:
    """The handler of a signal that ends the program, as shells count: 130, 143 or 129."""
    if is_told_by_launcher(number):
        os._exit(128 + number)
    words = "stopped" if number == signal.SIGINT else f"stopped by {signal.Signals(number).name}"
    os.write(2, f"torchcamp: {words}\n".encode())
    os._exit(128 + number)


def leave_silently(number: int, frame: FrameType | None) -> None:
    """Likewise, after the program has already said why it ends."""
    os._exit(128 + number)


def leave_when_asked() -> None:
    """From now on, until somebody sets another handler."""
    for number in ASKING:
        if signal.getsignal(number) in UNHEARD:
            signal.signal(number, leave)


def is_importing(frame: FrameType | None) -> bool:
    """Whether what a signal has interrupted is being imported."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
