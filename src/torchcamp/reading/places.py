"""Where things happen in a traced run, and the tally of what happened there."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from torchcamp.reading.statements import FunctionSpan
from torchcamp.reading.values import Shape

OUTSIDE = -1  # the call number of a lambda that was written outside of any function


class Place(NamedTuple):
    """A statement in one call of its function, and a layer inside it."""

    file: str
    line: int
    """First line of the statement."""
    call: int
    """Number of the call of the function it belongs to; `OUTSIDE` where there is none."""
    layer: str = ""
    """Path of the `nn.Sequential` layer that was running (`net.0`); empty for the statement."""

    @property
    def statement(self) -> "Place":
        """The same place without the layer: the key of its tally."""
        return Place(self.file, self.line, self.call) if self.layer else self


@dataclass
class Invocation:
    """One run of a function: who called it, and which module it is a method of."""

    number: int
    """Position in the order in which functions were entered."""
    file: str
    function: FunctionSpan | None
    caller: Place | None
    """The statement that called it; None where no watched code did."""
    module: str | None
    """Path of the module whose method it is; None for a plain function."""
    in_backward: bool
    """Entered during the backward pass."""
    recompute: bool
    """Run again by `torch.utils.checkpoint`: its lines are not counted a second time."""


@dataclass
class LayerTally:
    """What a layer of an `nn.Sequential` did inside one statement."""

    layer: str
    """The layer as it prints: `Conv2d(3, 16, kernel_size=(3, 3))`."""
    calls: int = 0
    outputs: Counter[Shape] = field(default_factory=Counter)
    flops_forward: int = 0
    flops_backward: int = 0
    seconds: float = 0.0
    saved_bytes: int = 0
    params: dict[str, None] = field(default_factory=dict)
    """Names of the parameters its operations read, in order; the values mean nothing."""
    latest: Shape | None = None
    """Output of the last operation: the layer's own output once the call is over."""
    page: str | None = None
    """The name under which PyTorch's documentation has a page on it."""

    def end_call(self) -> None:
        """Count the latest output as the layer's."""
        if self.latest is not None:
            self.outputs[self.latest] += 1
        self.latest = None


@dataclass
class Tally:
    """What one statement did in one call of its function."""

    calls: int = 0
    reads: dict[str, Counter[Shape]] = field(default_factory=dict)
    """Tensors it looked up, by name."""
    values: dict[str, Counter[Shape]] = field(default_factory=dict)
    """Tensors it bound, changed in place or returned, by name."""
    params: dict[str, None] = field(default_factory=dict)
    """Names of the parameters its operations read, in order; the values mean nothing."""
    ops: Counter[str] = field(default_factory=Counter)
    """ATen operations by name."""
    flops_forward: int = 0
    flops_backward: int = 0
    seconds: float = 0.0
    """Time inside operations, both passes."""
    saved_bytes: int = 0
    """Storage kept for the backward pass, parameters left out."""
    not_counted: dict[str, None] = field(default_factory=dict)
    """Operations without a FLOP formula, in order; the values mean nothing."""
    recomputed: int = 0
    """Operations that ran again for the backward pass."""
    pages: dict[str, None] = field(default_factory=dict)
    """Names under which PyTorch's documentation has pages on what it called, in order."""
    layers: dict[str, LayerTally] = field(default_factory=dict)
    """Layers of an `nn.Sequential` that ran inside it, by path."""
