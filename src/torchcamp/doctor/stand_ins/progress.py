"""tqdm without its bars: iterates over what it is given."""

from collections.abc import Iterable, Iterator
from typing import Any


class tqdm:
    """Passes the items through; every other method does nothing."""

    def __init__(self, iterable: Iterable[Any] | None = None, *args: Any, **kwargs: Any) -> None:
        self.iterable = iterable
        self.total = kwargs.get("total")
        self.n = 0

    def __iter__(self) -> Iterator[Any]:
        yield from self.iterable or ()

    def __len__(self) -> int:
        return len(self.iterable)  # type: ignore[arg-type] - as the real one: only where it has one

    def __enter__(self) -> "tqdm":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None

    def update(self, n: int = 1) -> None:
        self.n += n

    @staticmethod
    def write(*args: Any, **kwargs: Any) -> None:
        """Print a line above the bar: there is none."""


def trange(*args: int, **kwargs: Any) -> tqdm:
    """`tqdm(range(...))`"""
    return tqdm(range(*args), **kwargs)
