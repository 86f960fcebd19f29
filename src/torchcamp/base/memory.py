"""The memory of this machine, asked before a number is allocated that no machine can hold."""

import os

from torchcamp.base.errors import UserError

# What torch says where an allocation fails or its size cannot even be written down.
WORDS = (
    "can't allocate memory",
    "DefaultCPUAllocator",
    "not enough memory",
    "out of memory",
    "overflow",
    "Invalid buffer size",
    "too large",
)


def memory_bytes() -> int:
    """The machine's main memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def require_room(num_bytes: int, what: str) -> None:
    """Refuse what cannot fit into the machine's memory.

    Args:
        num_bytes: that will be needed at least.
        what: begins the sentence, as in "1,000,000 samples of 28x28 need".

    Raises:
        UserError: it does not fit.
    """
    most = memory_bytes()
    if num_bytes > most:
        raise UserError(f"{what} {size(num_bytes)}, and this machine has {size(most)} of memory")


def size(num_bytes: int) -> str:
    """`512 MB`, `16 GB`, `31,000 GB`."""
    return f"{num_bytes / 1e9:,.0f} GB" if num_bytes >= 1e9 else f"{num_bytes / 1e6:,.0f} MB"


def is_of_memory(error: BaseException) -> bool:
    """Whether `error` says that something was too large to be allocated."""
    if isinstance(error, MemoryError | OverflowError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in WORDS)
