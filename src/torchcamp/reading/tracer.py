"""Watch a run line by line: what each statement bound, which operations it caused, what they cost.

Three witnesses, each for what the others cannot see. `sys.settrace` sees lines, names and branches;
a `TorchDispatchMode` sees every ATen operation, also in the backward pass; `saved_tensors_hooks`
see what is kept for it. They meet at a *place*: a statement of the user's file, in one call of the
function that it stands in.

Which line put a node on the tape? Autograd numbers its nodes as it makes them, so each event takes
the numbers handed out since the last one, for the statement that was running.
"""

import dataclasses
import os
import sys
import sysconfig
import threading
import time
import types
import weakref
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from torchcamp.reading.flops import flops_of
from torchcamp.reading.statements import MERGED, FunctionPlace, Statements, statements_of

MAX_CALLS = 256  # of one function that are told apart; the last one holds all later ones too
MAX_LEAVES, MAX_DEPTH = 16, 4  # of a container whose tensors are shown
OUTSIDE = -1  # the number of the call that a lambda runs in which was written outside of functions
_TORCH = str(Path(torch.__file__).parent) + os.sep
_CHECKPOINT = os.path.join(_TORCH, "utils", "checkpoint.py")
_SEQUENTIAL = nn.Sequential.forward.__code__
_CALL = nn.Module._call_impl.__code__
_GENERATOR = 0x20 | 0x80 | 0x200  # flags of code that is left and entered again
_LIBRARIES = tuple(
    {
        os.path.realpath(sysconfig.get_paths()[name]) + os.sep
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    | {_TORCH, str(Path(__file__).parent) + os.sep}
)

Shape = tuple[tuple[int, ...], str, str]  # shape, dtype, device


@dataclass
class Child:
    """A layer of an `nn.Sequential` that ran inside a statement: `net.0`."""

    layer: str
    calls: int = 0
    outputs: Counter[Shape] = field(default_factory=Counter)
    flops_forward: int = 0
    flops_backward: int = 0
    seconds: float = 0.0
    saved_bytes: int = 0
    params: dict[str, None] = field(default_factory=dict)
    latest: Shape | None = None  # of the operation that ran last in it

    def next_call(self) -> None:
        if self.latest is not None:
            self.outputs[self.latest] += 1
        self.latest = None


@dataclass
class Tally:
    """What one statement did in one call of its function."""

    calls: int = 0
    reads: dict[str, Counter[Shape]] = field(default_factory=dict)
    values: dict[str, Counter[Shape]] = field(default_factory=dict)
    params: dict[str, None] = field(default_factory=dict)
    ops: Counter[str] = field(default_factory=Counter)
    flops_forward: int = 0
    flops_backward: int = 0
    seconds: float = 0.0
    saved_bytes: int = 0
    not_counted: dict[str, None] = field(default_factory=dict)
    recomputed: int = 0  # operations that ran again for the backward pass
    children: dict[str, Child] = field(default_factory=dict)


@dataclass
class Call:
    """One run of a function: who called it, and which module it is the method of."""

    number: int
    file: str
    function: FunctionPlace | None
    caller: tuple[str, int, int] | None  # file, row and call
    module: str | None
    in_backward: bool
    recompute: bool


@dataclass
class _Running:
    """A user's frame while it is on the stack."""

    call: Call
    merged: bool  # a comprehension or lambda: part of a statement
    row: int | None = None
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)  # tensors by name: id, version


class Tracer:
    """Run code under `with tracer:` and read `tallies`, `calls` and the totals afterwards.

    Args:
        is_user: whether a file is watched; by default all that lie neither in the standard
            library, nor in site-packages, nor in torch.
        names: parameters by `id`, as they shall be called.
        modules: modules by `id` likewise.
        operations: whether to watch ATen operations, nodes and memory, or lines and values only.
        saved: whether to watch what is kept for the backward pass; `torch.func`'s gradients
            cannot run under that hook.
    """

    def __init__(
        self,
        *,
        is_user: Callable[[str], bool] | None = None,
        names: Mapping[int, str] | None = None,
        modules: Mapping[int, str] | None = None,
        operations: bool = True,
        saved: bool = True,
    ) -> None:
        self._is_user = is_user or is_user_file
        self.names = dict(names or {})
        self.modules = dict(modules or {})
        self.operations, self.saved = operations, saved
        self.tallies: dict[tuple[str, int, int], Tally] = {}  # file, row, call
        self.calls: list[Call] = []
        self.num_ops = self.num_ops_placed = 0  # of the forward pass
        self.num_backward_ops = self.num_backward_ops_placed = 0
        self.peak_bytes = 0
        self.peak_place: tuple[str, int] | None = None
        self.threads: dict[str, None] = {}
        self.last_backward: tuple[str, int] | None = None  # the place whose backward ran last
        self.unplaced = Tally()  # what no statement of the user's caused
        self.nodes: dict[int, tuple[str, list[int]]] = {}  # number -> name, what comes after it
        self._files: dict[str, Statements | None] = {}
        self._frames: dict[types.FrameType, _Running] = {}
        self._of_function: dict[tuple[str, int, bool], list[Call]] = {}
        self._starts: list[int] = []  # claims: first number of each range,
        self._owners: list[tuple[str, int, int, str] | None] = []  # and whose they are
        self._next = 0
        self._current: tuple[str, int, int, str] | None = None
        self._live: dict[int, int] = {}
        self._bytes = 0
        self._layers: dict[int, tuple[int, str]] = {}  # of each running `Sequential`
        self._kept: set[int] = set()
        self._own: set[int] = set()  # storages of parameters
        self._stack = ExitStack()

    # --- Entering and leaving ----------------------------------------------------------

    def __enter__(self) -> "Tracer":
        self._stack.callback(sys.settrace, sys.gettrace())
        self._stack.callback(threading.settrace, threading.gettrace())  # type: ignore[arg-type]
        if self.operations:
            self._stack.enter_context(_Watch(self))
            if self.saved:
                hooks: AbstractContextManager[Any] = torch.autograd.graph.saved_tensors_hooks(
                    self._pack, lambda tensor: tensor
                )
                self._stack.enter_context(hooks)
        self._next = _next_number()
        threading.settrace(self._in_thread)
        sys.settrace(self._called)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.settrace(None)
        self._claim()
        self._stack.close()
        self._frames.clear()
        if exception[0] is None:  # else the layer that runs has no output
            for tally in self.tallies.values():
                for child in tally.children.values():
                    child.next_call()

    def hold(self, tensors: Sequence[Tensor], *, parameters: bool = False) -> None:
        """Tensors that are there before the run: they count as no one's memory."""
        for tensor in tensors:
            key = _storage(tensor)
            if key is not None:
                self._live.setdefault(key, 0)
                if parameters:
                    self._own.add(key)

    def see(self, node: Any) -> list[Any]:
        """Write a node of the tape down; returns the nodes behind it."""
        behind = [following for following, _ in node.next_functions if following is not None]
        if not node.name().endswith("AccumulateGrad"):
            numbers = [n._sequence_nr() for n in behind if not n.name().endswith("AccumulateGrad")]
            self.nodes.setdefault(node._sequence_nr(), (node.name(), numbers))
        return behind

    def owner(self, sequence_number: int) -> tuple[str, int, int, str] | None:
        """File, row, call and layer of the statement that made the node with this number."""
        place = bisect_right(self._starts, sequence_number) - 1
        return self._owners[place] if place >= 0 else None

    # --- Lines -------------------------------------------------------------------------

    def _called(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        file = code.co_filename
        if code is _CALL:
            self._enter_layer(frame)
            return None
        if code is _SEQUENTIAL:
            self._layers[id(frame)] = (-1, "")
        statements = self._files.get(file, ...)
        if statements is ...:
            statements = self._files[file] = statements_of(file) if self._is_user(file) else None
        if statements is None or code.co_name == "<module>" or not code.co_flags & 0x1:
            return None  # not the user's, or the body of a module or a class
        self._claim()
        running = self._frames.get(frame)
        if running is not None:  # a generator that goes on
            running.row = None
            return self._local
        assert isinstance(statements, Statements)
        merged = code.co_name in MERGED
        call = self._call_around(frame, file) if merged else self._new_call(frame, file, statements)
        running = _Running(call, merged)
        self._frames[frame] = running
        place = call.function
        if not merged and place is not None and not call.recompute:
            tally = self._tally(file, place.line, call.number)
            tally.calls += 1
            row = statements.rows.get(place.line)
            variables = frame.f_locals
            for name in row.bound if row else []:
                _add_leaves(tally.values, name, variables.get(name))
            self._current = (file, place.line, call.number, "")
        return self._local

    def _local(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        running = self._frames.get(frame)
        if running is None:
            return self._local
        if event == "exception":  # the statement bound nothing
            running.row = None
            return self._local
        self._claim()
        if not running.merged and not running.call.recompute:
            self._finish(frame, running, event, argument)
        if event == "return":
            if not frame.f_code.co_flags & _GENERATOR:
                del self._frames[frame]
            self._current = self._place(frame.f_back)
        else:
            self._begin(frame, running)
        return self._local

    def _begin(self, frame: types.FrameType, running: _Running) -> None:
        file, line = frame.f_code.co_filename, frame.f_lineno
        statements = self._files[file]
        assert isinstance(statements, Statements)
        row = statements.at(line)
        if row is None:
            return
        again = running.row != row.line or (
            row.line == row.end_line and not row.loops and row.kind == "simple"
        )
        running.row = row.line
        self._current = (file, row.line, running.call.number, "")
        if running.merged or running.call.recompute or not again:
            return
        tally = self._tally(file, row.line, running.call.number)
        tally.calls += 1
        variables = frame.f_locals
        seen = running.seen = {}
        for name, value in variables.items():
            if isinstance(value, Tensor):
                seen[name] = (id(value), _version(value))
        for name in row.read:
            value = variables.get(name)
            if isinstance(value, Tensor):
                tally.reads.setdefault(name, Counter())[_shape(value)] += 1

    def _finish(self, frame: types.FrameType, running: _Running, event: str, argument: Any) -> None:
        """The statement before this event has run: look at what it left behind."""
        if running.row is None:
            return
        file = frame.f_code.co_filename
        statements = self._files[file]
        assert isinstance(statements, Statements)
        row = statements.rows[running.row]
        same = event == "line" and statements.at(frame.f_lineno) is row
        if same and (row.line != row.end_line or row.loops):
            return  # still inside it
        tally = self._tally(file, row.line, running.call.number)
        variables = frame.f_locals
        shown = set()
        if row.kind not in ("def", "class") and not (
            row.kind == "for" and not (event == "line" and frame.f_lineno == row.body)
        ):
            for name in row.bound:
                value = _look_up(name, variables)
                if value is not None:
                    _add_leaves(tally.values, name, value)
                    shown.add(name)
        for name, value in variables.items():
            if name in shown or not isinstance(value, Tensor):
                continue
            before = running.seen.get(name)
            now = (id(value), _version(value))
            if before is not None and before[0] == now[0] and before != now:  # changed in place
                tally.values.setdefault(name, Counter())[_shape(value)] += 1
            running.seen[name] = now
        if event == "return" and argument is not None:
            name = "return" if row.kind == "return" else "yield"
            if row.kind == "return" or frame.f_code.co_flags & 0x20:
                _add_leaves(tally.values, name, argument)

    def _new_call(self, frame: types.FrameType, file: str, statements: Statements) -> Call:
        code = frame.f_code
        function = statements.functions.get((code.co_firstlineno, code.co_name))
        caller = self._place(frame.f_back)
        in_backward = torch._C._current_autograd_node() is not None
        recompute = False
        if in_backward:
            above = frame.f_back
            while above is not None:
                running = self._frames.get(above)
                if running is not None and not running.merged:
                    recompute = recompute or running.call.recompute
                    break
                recompute = recompute or above.f_code.co_filename == _CHECKPOINT
                above = above.f_back
        alike = self._of_function.setdefault((file, code.co_firstlineno, recompute), [])
        if len(alike) == MAX_CALLS:
            return alike[-1]
        owner = frame.f_locals.get("self")
        call = Call(
            number=len(self.calls),
            file=file,
            function=function,
            caller=caller[:3] if caller else None,
            module=self.modules.get(id(owner)) if isinstance(owner, nn.Module) else None,
            in_backward=in_backward,
            recompute=recompute,
        )
        alike.append(call)
        self.calls.append(call)
        return call

    def _call_around(self, frame: types.FrameType, file: str) -> Call:
        """The call in which a comprehension runs, or the one that a lambda was written in."""
        above = frame.f_back
        line = frame.f_code.co_firstlineno
        while above is not None:
            running = self._frames.get(above)
            if running is not None and not running.merged:
                place = running.call.function
                if place and running.call.file == file and place.line <= line <= place.end_line:
                    return running.call
            above = above.f_back
        return Call(OUTSIDE, file, None, None, None, False, False)

    def _in_thread(self, frame: types.FrameType, event: str, argument: Any) -> None:
        name = threading.current_thread().name
        if not name.startswith("pytest"):
            self.threads[name] = None
        sys.settrace(None)

    # --- Operations --------------------------------------------------------------------

    def _place(self, frame: types.FrameType | None) -> tuple[str, int, int, str] | None:
        """The innermost statement of the user's that is running, and its layer if it has any."""
        layer = ""
        while frame is not None:
            running = self._frames.get(frame)
            if running is not None:
                break
            if not layer and frame.f_code is _SEQUENTIAL:
                layer = self._layers.get(id(frame), (0, ""))[1]
            frame = frame.f_back
        else:
            return None
        file = frame.f_code.co_filename
        statements = self._files[file]
        assert isinstance(statements, Statements)
        row = statements.at(frame.f_lineno)
        return None if row is None else (file, row.line, running.call.number, layer)

    def _enter_layer(self, frame: types.FrameType) -> None:
        """A module is called: by an `nn.Sequential`? Then it is a row of its own."""
        container = frame.f_back.f_back if frame.f_back else None  # past `_wrapped_call_impl`
        if container is None or container.f_code is not _SEQUENTIAL:
            return
        place, _ = self._layers.get(id(container), (-1, ""))
        owner = container.f_locals["self"]
        keys = list(owner._modules)
        if place + 1 >= len(keys):
            return
        module = owner._modules[keys[place + 1]]
        prefix = self.modules.get(id(owner), "")
        path = f"{prefix}.{keys[place + 1]}" if prefix else keys[place + 1]
        self._layers[id(container)] = (place + 1, path)
        around = self._place(container)
        if around is not None and not isinstance(module, nn.Sequential):
            child = self._tally(*around[:3]).children.setdefault(path, Child(_describe(module)))
            child.next_call()
            child.calls += 1

    def _claim(self, place: tuple[str, int, int, str] | None = None) -> None:
        """Give the numbers handed out since the last event to `place`, or to who was running."""
        now = _next_number()
        if now == self._next:
            return
        owner = place or self._current
        if not self._owners or self._owners[-1] != owner:
            self._starts.append(self._next)
            self._owners.append(owner)
        self._next = now

    def _operation(
        self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], frame: types.FrameType
    ) -> Any:
        place = self._place(frame)
        node = torch._C._current_autograd_node()
        self._claim(place)
        backward = node is not None
        again = False
        if node is not None:
            self.see(node)
            call = self._call(place)
            if call is not None and call.in_backward:
                again = call.recompute
            else:
                place = self.owner(node._sequence_nr())
            if place:
                self.last_backward = place[:2]
        started = time.perf_counter()
        out = func(*args, **kwargs)
        seconds = time.perf_counter() - started
        self._remember(out, place)
        if backward:
            self.num_backward_ops += 1
            self.num_backward_ops_placed += place is not None
        else:
            self.num_ops += 1
            self.num_ops_placed += place is not None
        tally = self._tally(*place[:3]) if place else self.unplaced
        flops = flops_of(func, args, kwargs, out)
        name = func.__name__.partition(".")[0]
        if flops is None:
            tally.not_counted[name] = None
        tally.ops[name] += 1
        tally.recomputed += again
        targets: list[Tally | Child] = [tally]
        child = tally.children.get(place[3]) if place else None
        if child is not None:
            targets.append(child)
            first = out[0] if isinstance(out, list | tuple) and out else out
            if not backward and isinstance(first, Tensor):
                child.latest = _shape(first)
        for target in targets:
            target.seconds += seconds
            if backward:
                target.flops_backward += flops or 0
            else:
                target.flops_forward += flops or 0
                for name in self._parameters(args):
                    target.params[name] = None
        return out

    def _call(self, place: tuple[str, int, int, str] | None) -> Call | None:
        return self.calls[place[2]] if place is not None and place[2] != OUTSIDE else None

    def _parameters(self, args: tuple[Any, ...]) -> Iterator[str]:
        for argument in args:
            if isinstance(argument, Tensor):
                name = self.names.get(id(argument))
                if name is None and isinstance(argument, nn.Parameter):
                    name = f"Parameter{_short(argument.shape)}"
                if name is not None:
                    yield name
            elif isinstance(argument, list | tuple):
                yield from self._parameters(tuple(argument))

    # --- Memory ------------------------------------------------------------------------

    def _remember(self, out: Any, place: tuple[str, int, int, str] | None) -> None:
        for tensor in out if isinstance(out, list | tuple) else (out,):
            if not isinstance(tensor, Tensor):
                continue
            key = _storage(tensor)
            if key is None or key in self._live:
                continue
            storage = tensor.untyped_storage()
            size = storage.nbytes()
            self._live[key] = size
            self._bytes += size
            weakref.finalize(storage, self._forget, key)
            if self._bytes > self.peak_bytes:
                self.peak_bytes = self._bytes
                self.peak_place = place[:2] if place else None

    def _forget(self, key: int) -> None:
        self._bytes -= self._live.pop(key, 0)

    def _pack(self, tensor: Tensor) -> Tensor:
        key = _storage(tensor)
        if key is None or key in self._own or key in self._kept:
            return tensor
        place = self._place(sys._getframe(1))
        if place is not None:
            self._kept.add(key)
            size = tensor.untyped_storage().nbytes()
            tally = self._tally(*place[:3])
            tally.saved_bytes += size
            if place[3] in tally.children:
                tally.children[place[3]].saved_bytes += size
        return tensor

    def _tally(self, file: str, row: int, call: int) -> Tally:
        key = (file, row, call)
        tally = self.tallies.get(key)
        if tally is None:
            tally = self.tallies[key] = Tally()
        return tally


class _Watch(TorchDispatchMode):
    """Every ATen operation passes here; composite ones in the parts that really run."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__()
        self.tracer = tracer

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch wraps the handler, and imports its compiler at the first call

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        trace = sys.gettrace()
        sys.settrace(None)  # what happens in here is ours
        try:
            kwargs = kwargs or {}
            if func._overloadpacket not in flop_registry and func.namespace == "aten":
                with self:
                    parts = func.decompose(*args, **kwargs)
                if parts is not NotImplemented:
                    return parts
            return self.tracer._operation(func, args, kwargs, sys._getframe(1))
        finally:
            sys.settrace(trace)


def is_user_file(file: str) -> bool:
    """Whether a reader wants to see this file: their own, not a library's."""
    return not file.startswith(("<", *_LIBRARIES)) and not os.path.realpath(file).startswith(
        _LIBRARIES
    )


def leaves(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Tensor]]:
    """The tensors in `value` and what to call them: `out.logits`, `batch['x']`, `pair[0]`."""
    if isinstance(value, Tensor):
        yield name, value
    elif depth < MAX_DEPTH:
        if isinstance(value, Mapping):
            parts = [(f"{name}[{key!r}]", inner) for key, inner in value.items()]
        elif isinstance(value, tuple) and hasattr(value, "_fields"):
            parts = [(f"{name}.{key}", getattr(value, key)) for key in value._fields]  # type: ignore[attr-defined]
        elif isinstance(value, list | tuple):
            parts = [(f"{name}[{place}]", inner) for place, inner in enumerate(value)]
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            parts = [
                (f"{name}.{f.name}", getattr(value, f.name)) for f in dataclasses.fields(value)
            ]
        elif isinstance(value, types.SimpleNamespace):
            parts = [(f"{name}.{key}", inner) for key, inner in vars(value).items()]
        else:
            return
        for inner_name, inner in parts[: 4 * MAX_LEAVES]:
            yield from leaves(inner_name, inner, depth + 1)


def _add_leaves(values: dict[str, Counter[Shape]], name: str, value: Any) -> None:
    for number, (leaf, tensor) in enumerate(leaves(name, value)):
        if number == MAX_LEAVES:
            break
        values.setdefault(leaf, Counter())[_shape(tensor)] += 1


def _look_up(name: str, variables: Mapping[str, Any]) -> Any:
    """A name's value; of a dotted one by what is stored, so that no property runs."""
    first, *rest = name.split(".")
    value = variables.get(first)
    for attribute in rest:
        if value is None:
            return None
        own = getattr(value, "__dict__", {})
        stores = (
            own,
            own.get("_buffers") or {},
            own.get("_parameters") or {},
            own.get("_modules") or {},
        )
        value = next((store[attribute] for store in stores if attribute in store), None)
    return value


def _shape(tensor: Tensor) -> Shape:
    return tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), str(tensor.device)


def _short(shape: Any) -> str:
    return "(" + ", ".join(str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"


def _describe(module: Any) -> str:
    """`Conv2d(3, 16, kernel_size=(3, 3))`, on one line."""
    try:
        extra = module.extra_repr()
    except Exception:
        extra = ""
    return f"{type(module).__name__}({extra})" if "\n" not in extra else type(module).__name__


def _next_number() -> int:
    """The number that the next node of the tape will have."""
    return torch._C._autograd._get_sequence_nr()  # type: ignore[attr-defined]


def _version(tensor: Tensor) -> int:
    try:
        return tensor._version
    except RuntimeError:  # an inference tensor keeps none
        return 0


def _storage(tensor: Tensor) -> int | None:
    """A number that tensors share which share memory; None for those without one block."""
    try:
        return tensor.untyped_storage()._cdata
    except (NotImplementedError, RuntimeError):
        return None
