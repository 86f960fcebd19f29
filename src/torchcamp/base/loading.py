"""Load large packages without looking for garbage meanwhile."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """Pause Python's garbage collector, for imports.

    The collector runs whenever enough objects have been made, and importing torch makes a great many,
    all of which stay: going through them again and again takes a fifth of the time of `import torch`,
    and a third of that of `import torch._dynamo`.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
