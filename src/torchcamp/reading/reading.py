"""What a reading is: the record of one forward and one backward pass.

`read` makes it; the terminal, the page and the lessons show it, and none of them looks again. As
JSON it is what `torchcamp read --json` prints; docs/reading.schema.json describes that.
"""

from dataclasses import dataclass

from torchcamp.reading.record import Record


@dataclass(frozen=True, kw_only=True)
class Input(Record):
    """One argument that the target was called with: a tensor, or anything else."""

    name: str
    """Keyword; empty where it was given by position."""
    shape: tuple[int, ...] | None = None
    """Of a tensor, with `dtype`."""
    dtype: str | None = None
    value: str | None = None
    """What is not a tensor, in a few words."""


@dataclass(frozen=True, kw_only=True)
class Value(Record):
    """A tensor under a name, in one shape."""

    name: str
    """`x`, `out.logits`, `return`; empty for the output of a layer."""
    shape: tuple[int, ...]
    dtype: str
    device: str
    count: int
    """How often it was seen in this shape."""


@dataclass(frozen=True, kw_only=True)
class Layer(Record):
    """What a layer of an `nn.Sequential` did inside a statement."""

    path: str
    """`net.0`"""
    layer: str
    """The layer as it prints: `Conv2d(3, 16, kernel_size=(3, 3))`."""
    calls: int
    values: list[Value]
    """Its outputs."""
    params: list[str]
    flops_forward: int
    flops_backward: int
    seconds_share: float
    saved_bytes: int
    nodes: int
    """How many nodes it put on the tape."""
    page: str | None
    """The name under which PyTorch's documentation has a page on it: `torch.nn.Conv2d`."""


@dataclass(frozen=True, kw_only=True)
class Cost(Record):
    """What something cost, in both passes."""

    flops_forward: float
    flops_backward: float
    seconds_share: float
    """Fraction of the time spent inside operations."""
    saved_bytes: float
    """Kept for the backward pass."""


@dataclass(frozen=True, kw_only=True)
class Work(Record):
    """What a statement did, over all calls of its function or in one of them."""

    calls: int
    """How often it ran."""
    values: list[Value]
    """Tensors that it bound, changed in place or returned."""
    reads: list[Value]
    """Tensors that it looked up."""
    params: list[str]
    """Parameters that its operations read; tied ones as `a = b`."""
    flops_forward: int
    flops_backward: int
    seconds_share: float
    """Fraction of the time spent inside operations, both passes."""
    saved_bytes: int
    """Kept for the backward pass: each storage once, parameters left out."""
    nodes: list[str]
    """Names of the nodes it put on the tape, in order."""
    not_counted: list[str]
    """Operations that have no FLOP formula."""
    ops: dict[str, int]
    """ATen operations of both passes, by name."""
    recomputed: int
    """Operations that ran again for the backward pass."""
    children: list[Layer]
    """Layers of an `nn.Sequential` that ran inside it."""
    pages: list[str]
    """Names under which PyTorch's documentation has pages on what it called forward:
    `torch.nn.functional.relu`. `documentation.address` says where they are."""


@dataclass(frozen=True, kw_only=True)
class Row(Record):
    """A statement where it is written."""

    file: str
    line: int
    end_line: int
    source: str
    """Its lines; of a statement that holds others, the header."""
    function: str | None
    """`Block.forward`; None outside of functions."""
    kind: str
    """`simple`, `return`, `if`, `for`, `while`, `with`, `try`, `match`, `def` or `class`."""
    executed: bool


@dataclass(frozen=True, kw_only=True)
class Line(Work, Row):
    """A statement and what it did over all calls of its function. (JSON has the `Row` first.)"""

    with_calls: Cost | None = None
    """Its cost together with the functions it calls, where these have lines of their own."""
    body_runs: int | None = None
    """How often the body of an `if`, `for` or `while` was entered."""
    by_call: dict[str, Work] | None = None
    """What it did in each call, by the call's number, where there are several."""


@dataclass(frozen=True, kw_only=True)
class Caller(Record):
    """The statement that called a function."""

    file: str
    line: int
    call: int
    """Number of the call that it ran in."""


@dataclass(frozen=True, kw_only=True)
class Call(Record):
    """One run of a function."""

    number: int
    file: str
    function: str | None
    line: int | None
    """Of its `def`."""
    module: str | None
    """Path of the module whose method it is: `blocks.3`."""
    caller: Caller | None
    in_backward: bool


@dataclass(frozen=True, kw_only=True)
class Node(Record):
    """A node of the tape, and the statement that made it."""

    name: str
    file: str | None
    line: int | None
    call: int | None
    next: list[int]
    """Where its inputs are in the reading's `tape`."""


@dataclass(frozen=True, kw_only=True)
class Location(Record):
    """A line of a file."""

    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Totals(Record):
    """Sums over the whole run."""

    parameters: int
    """Numbers in all parameters; tied ones count once."""
    trainable: int
    """Those of them that are trained; the others are frozen (`requires_grad` is False)."""
    flops_forward: int
    flops_backward: int
    ops: int
    """ATen operations of the forward pass."""
    ops_attributed: int
    """Those of them that belong to a line."""
    nodes: int
    nodes_attributed: int
    backward_ops: int
    backward_ops_attributed: int
    peak_bytes: int
    """The most bytes of tensors alive at once; inputs and parameters are not among them."""
    forward_seconds: float | None
    """A forward pass that is not watched; None where it failed."""
    traced_seconds: float
    """The one that was."""
    peak_at: Location | None = None
    """The line that reached the peak."""


@dataclass(frozen=True, kw_only=True)
class Skipped(Record):
    """A top-level statement of the file that did not run, because the target does not need it."""

    line: int
    end_line: int
    source: str
    """Its first line."""


@dataclass(frozen=True, kw_only=True)
class Parameter(Record):
    """A parameter and its shape."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Weight(Parameter):
    """A parameter of a network that was read, and what the backward pass did for it."""

    trainable: bool
    """`requires_grad`, before the run."""
    gradient: bool | None
    """Whether a gradient arrived at it; None where it is frozen or nothing ran backward."""


@dataclass(frozen=True, kw_only=True)
class Crash(Record):
    """Where an exception left the user's code."""

    file: str | None
    """None, like `line`, where it was raised outside of it."""
    line: int | None
    message: str
    """Type of the exception and the first line of its message."""
    shapes: dict[str, tuple[int, ...]]
    """The tensors that were there, by name."""
    parameter: Parameter | None
    """The one that the failing operation met."""
    phase: str
    """`forward` or `backward`."""


@dataclass(frozen=True, kw_only=True)
class Reading(Record):
    """One forward and one backward pass. All of it but the seconds is the same when read again."""

    target: str
    input: list[Input]
    guessed: bool
    """Inputs or constructor arguments were guessed."""
    input_words: str
    """Where the inputs came from: `given`, `made by make_input()`, `guessed (2, 784): ...`."""
    lines: list[Line]
    """Statements of the functions that ran, by file and function."""
    calls: list[Call]
    files: dict[str, list[str]]
    """Text of each file that has lines."""
    tape: list[Node]
    """Nodes in the order in which they were made; empty where they are too many."""
    totals: Totals
    weights: list[Weight]
    """The parameters of the networks in play, tied ones once as `a = b`."""
    backward: str
    """What the backward pass began at, or why there was none."""
    skipped_statements: list[Skipped]
    blocked: list[str]
    """What the code tried and was not allowed to."""
    not_seen: list[str]
    """Parts of the run that no line shows."""
    notes: list[str]
    crash: Crash | None
    num_kept: int | None = None
    """How many top-level statements of the file ran."""

    def functions(self) -> list[list[Line]]:
        """The lines of each function: the target's own, then the others as they were entered.

        Those that no tensor went through come last.
        """
        entered = {(call.file, call.function): call.number for call in reversed(self.calls)}
        functions: dict[tuple[str, str | None], list[Line]] = {}
        for line in self.lines:
            functions.setdefault((line.file, line.function), []).append(line)
        own = [call for call in self.calls if call.module == ""]  # methods of the target
        forward = [call for call in own if (call.function or "").endswith(".forward")]
        first = next(((call.file, call.function) for call in [*forward, *own]), None)

        def rank(name: tuple[str, str | None]) -> tuple[bool, bool, int]:
            touches = any(line.values or line.ops for line in functions[name])
            return name != first, not touches, entered.get(name, len(self.calls))

        return [functions[name] for name in sorted(functions, key=rank)]

    def without_gradient(self) -> list[Weight]:
        """Parameters that are trained, and that the backward pass left out."""
        return [weight for weight in self.weights if weight.gradient is False]
