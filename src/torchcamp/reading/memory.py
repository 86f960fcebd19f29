"""The memory witness: which tensors are alive, and which ones autograd keeps for the way back."""

import sys
import weakref
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from torch import Tensor

from torchcamp.reading.places import Place, Tally
from torchcamp.reading.values import storage_of


class Memory:
    """Counts storages, never tensors: views and tensors that share one block count once.

    Args:
        tallies: where the bytes kept by each statement are added.
        place_of: the innermost watched statement above a frame.
    """

    def __init__(
        self, tallies: dict[Place, Tally], place_of: Callable[[FrameType | None], Place | None]
    ) -> None:
        self.peak_bytes = 0
        self.peak_place: Place | None = None
        self._tallies = tallies
        self._place_of = place_of
        self._bytes = 0
        self._alive: dict[int, int] = {}  # storage -> bytes
        self._kept: set[int] = set()  # storages kept for the backward pass
        self._parameters: set[int] = set()  # storages of parameters

    def hold(self, tensors: Iterable[Tensor], *, parameters: bool = False) -> None:
        """Tensors from before the run: their memory is nobody's."""
        for tensor in tensors:
            storage = storage_of(tensor)
            if storage is not None:
                self._alive.setdefault(storage, 0)
                if parameters:
                    self._parameters.add(storage)

    def remember(self, out: Any, place: Place | None) -> None:
        """Count the new storages among an operation's outputs until they are freed."""
        for tensor in out if isinstance(out, list | tuple) else (out,):
            if not isinstance(tensor, Tensor):
                continue
            key = storage_of(tensor)
            if key is None or key in self._alive:
                continue
            storage = tensor.untyped_storage()
            size = storage.nbytes()
            self._alive[key] = size
            self._bytes += size
            weakref.finalize(storage, self._forget, key)
            if self._bytes > self.peak_bytes:
                self.peak_bytes = self._bytes
                self.peak_place = place

    def pack(self, tensor: Tensor) -> Tensor:
        """Hook of autograd's saved tensors: add the bytes to the statement that is running."""
        storage = storage_of(tensor)
        if storage is None or storage in self._parameters or storage in self._kept:
            return tensor
        place = self._place_of(sys._getframe(1))
        if place is not None:
            self._kept.add(storage)
            size = tensor.untyped_storage().nbytes()
            tally = self._tallies[place.statement]
            tally.saved_bytes += size
            if place.layer in tally.layers:
                tally.layers[place.layer].saved_bytes += size
        return tensor

    def _forget(self, storage: int) -> None:
        self._bytes -= self._alive.pop(storage, 0)
        self._kept.discard(storage)  # its id may come back for another one
