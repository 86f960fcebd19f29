"""One forward and one backward pass, read: from a callable and its inputs to a reading.

A reading is plain JSON. The terminal, the page and the lessons show it; none of them looks again.
Its `lines` are the statements of the functions that ran, each with what it did over all calls, and
under `by_call` what it did in each. All of it but seconds is the same whenever it is read again.
"""

import contextlib
import copy
import os
import random
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_map

from torchcamp.reading.statements import FunctionPlace, Statements, statements_of
from torchcamp.reading.tracer import Call, Child, Shape, Tally, Tracer, is_user_file, leaves

MAX_TAPE = 4000  # nodes that a page can draw
TIMED_SECONDS = 1.0  # for the passes without a tracer

Reading = dict[str, Any]


def read(
    call: Callable[..., Any],
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    target: str = "",
    is_user: Callable[[str], bool] = is_user_file,
    root: str = "",
    seed: int = 0,
) -> Reading:
    """Run `call(*args, **kwargs)` and its backward pass, and write down what each line did.

    Parameters, buffers, gradients, random states, train and eval flags, and whatever traced before
    are as they were afterwards. Inputs are copied, so they are too.

    Args:
        call: a module, one of its methods, or a function.
        is_user: which files are listed.
        root: a folder that file names are written relative to.
        seed: of the random numbers that the passes draw.

    Returns:
        The reading; `crash` says where an exception left it, and is None where none did.
    """
    kwargs = dict(kwargs or {})
    modules = _modules_of(call, args, kwargs)
    with _unchanged(list(modules.values()), seed) as again, _as_written():
        notes: list[str] = []
        seconds = _time_untraced(call, args, kwargs, modules, again)
        saved = True
        while True:
            again()
            tracer = Tracer(
                is_user=is_user,
                names=_parameter_names(modules),
                modules=_module_names(modules),
                saved=saved,
            )
            run = _Run(tracer)
            run.forward_and_backward(call, _fresh(args), _fresh(kwargs), modules)
            message = str(run.error)
            if saved and run.error is not None and "saved tensor hooks" in message:
                saved = False
                notes.append(
                    "bytes kept for backward were not seen: torch.func's gradients forbid the hook"
                )
                continue
            break
    return _reading(run, modules, target, args, kwargs, seconds, notes, root)


class _Run:
    """One traced pass, and where it ended."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.error: BaseException | None = None
        self.phase = "forward"
        self.outputs: list[Tensor] = []
        self.forward_seconds = 0.0
        self.ran_backward = False

    def forward_and_backward(
        self, call: Callable[..., Any], args: Any, kwargs: Any, modules: Mapping[str, nn.Module]
    ) -> None:
        tracer = self.tracer
        for module in modules.values():
            parameters = [p for p in module.parameters() if not _is_lazy(p)]
            tracer.hold(parameters, parameters=True)
            tracer.hold([p.grad for p in parameters if p.grad is not None])
            tracer.hold([b for b in module.buffers() if not _is_lazy(b)])
        tracer.hold([tensor for _, tensor in leaves("", (args, kwargs))])
        started = time.perf_counter()
        try:
            with tracer:
                result = call(*args, **kwargs)
            self.forward_seconds = time.perf_counter() - started
            self._backward(result)
        except Exception as error:
            self.error = error

    def _backward(self, result: Any) -> None:
        """From the model's own loss where it returns one, else from the sum of its outputs."""
        self.outputs = _differentiable(result)
        waiting = [output.grad_fn for output in self.outputs]
        reached = set()
        while waiting:
            node = waiting.pop()
            if node is not None and node not in reached:
                reached.add(node)
                waiting += self.tracer.see(node)
        if not self.outputs:
            return
        self.phase = "backward"
        ones = [torch.ones_like(output) for output in self.outputs]
        tracer = self.tracer
        tracer.hold(ones)
        with tracer:
            torch.autograd.backward(self.outputs, ones)
        self.ran_backward = True


# --- Before the run --------------------------------------------------------------------


def _modules_of(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, nn.Module]:
    """The networks in play by name; the one that is called has none."""
    found: dict[str, nn.Module] = {}
    if isinstance(call, nn.Module):
        found[""] = call
    elif isinstance(getattr(call, "__self__", None), nn.Module):
        found[""] = call.__self__  # type: ignore[attr-defined]
    elif isinstance(call, types.FunctionType):
        names = [*call.__code__.co_names]
        for name in names:
            value = call.__globals__.get(name)
            if isinstance(value, nn.Module):
                found[name] = value
        for name, cell in zip(call.__code__.co_freevars, call.__closure__ or (), strict=True):
            with contextlib.suppress(ValueError):
                if isinstance(cell.cell_contents, nn.Module):
                    found[name] = cell.cell_contents
        parameters = call.__code__.co_varnames[: call.__code__.co_argcount]
        more = [(f"args[{n}]", value) for n, value in enumerate(args[len(parameters) :])]
        named = [*zip(parameters, args, strict=False), *more, *kwargs.items()]
        found |= {name: value for name, value in named if isinstance(value, nn.Module)}
    return found


def _parameter_names(modules: Mapping[str, nn.Module]) -> dict[int, str]:
    """Each parameter once; where it is tied to another place, both names."""
    names: dict[int, list[str]] = {}
    for prefix, module in modules.items():
        for name, parameter in module.named_parameters(prefix, remove_duplicate=False):
            names.setdefault(id(parameter), []).append(name)
    return {key: " = ".join(dict.fromkeys(every)) for key, every in names.items()}


def _module_names(modules: Mapping[str, nn.Module]) -> dict[int, str]:
    names: dict[int, str] = {}
    for prefix, root in modules.items():
        for name, module in root.named_modules(prefix=prefix):
            names.setdefault(id(module), name)
    return names


def _is_lazy(tensor: Tensor) -> bool:
    return is_lazy(tensor)


def _fresh(values: Any) -> Any:
    """Inputs that the run may change: each tensor a copy, everything else as it is."""

    def copied(value: Any) -> Any:
        if isinstance(value, Tensor):
            return value.detach().clone().requires_grad_(value.requires_grad)
        return value

    return tree_map(copied, values)


@contextlib.contextmanager
def _unchanged(modules: list[nn.Module], seed: int) -> Iterator[Callable[[], None]]:
    """Everything that a pass may change is put back at the end; the value does it in between."""
    every = {part: part.training for module in modules for part in module.modules()}
    tensors: dict[int, tuple[Tensor, Tensor]] = {}
    gradients: list[tuple[Tensor, Tensor | None]] = []
    buffers = [(part, dict(part._buffers)) for part in every]
    for part in every:
        own = [*part._parameters.values(), *part._buffers.values()]
        for tensor in own:
            if tensor is not None and not _is_lazy(tensor):
                tensors[id(tensor)] = (tensor, tensor.detach().clone())
        for parameter in part._parameters.values():
            if parameter is not None and not _is_lazy(parameter):
                gradient = parameter.grad
                gradients.append((parameter, None if gradient is None else gradient.clone()))
    states = _random_states()

    def put_back() -> None:
        for part, mode in every.items():
            part.training = mode
        for part, kept in buffers:
            for name, buffer in kept.items():
                part._buffers[name] = buffer
        with torch.no_grad():
            for tensor, value in tensors.values():
                if tensor.layout == torch.strided and not torch.equal(tensor, value):
                    tensor.copy_(value)
        for parameter, gradient in gradients:
            parameter.grad = None if gradient is None else gradient.clone()

    def again() -> None:
        put_back()
        torch.manual_seed(seed)
        random.seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed)

    try:
        yield again
    finally:
        put_back()
        for restore, state in states:
            restore(state)


@contextlib.contextmanager
def _as_written() -> Iterator[None]:
    """What `torch.compile` wrapped runs as it was written, where anything was wrapped at all."""
    if "torch._dynamo" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


def _random_states() -> list[tuple[Callable[[Any], Any], Any]]:
    states: list[tuple[Callable[[Any], Any], Any]] = [
        (torch.set_rng_state, torch.get_rng_state()),
        (random.setstate, random.getstate()),
    ]
    if "numpy" in sys.modules:
        numpy = sys.modules["numpy"]
        states.append((numpy.random.set_state, numpy.random.get_state()))
    return states


def _time_untraced(
    call: Callable[..., Any],
    args: Any,
    kwargs: Any,
    modules: Mapping[str, nn.Module],
    again: Callable[[], None],
) -> float | None:
    """Seconds of a forward pass without a tracer, the least of up to three after a warm-up.

    They run on a copy, so that what a model remembers of its first pass is still to come when it is
    traced; a lazy module takes its shapes now, so that its initialisation is not in the listing.
    """
    lazy = any(_is_lazy(p) for module in modules.values() for p in module.parameters())
    best: float | None = None
    try:
        if lazy:
            again()
            call(*_fresh(args), **_fresh(kwargs))
        with contextlib.suppress(Exception):  # else on the thing itself
            call, args, kwargs = copy.deepcopy((call, args, kwargs))
        began = time.perf_counter()
        for number in range(4):
            again()
            own_args, own_kwargs = _fresh(args), _fresh(kwargs)
            started = time.perf_counter()
            call(*own_args, **own_kwargs)
            seconds = time.perf_counter() - started
            if number:
                best = seconds if best is None else min(best, seconds)
            if time.perf_counter() - began > TIMED_SECONDS:
                best = best or seconds
                break
    except Exception:
        return None  # the traced pass will meet it too, and say where
    return best


def _differentiable(result: Any) -> list[Tensor]:
    """What a backward pass begins at: a loss that the model returns, or all outputs."""
    found = [
        (name, tensor)
        for name, tensor in leaves("", result)
        if tensor.requires_grad and (tensor.is_floating_point() or tensor.is_complex())
    ]
    losses = [t for name, t in found if name in (".loss", "['loss']") and t.numel() == 1]
    return losses[:1] or [tensor for _, tensor in found]


# --- After the run ---------------------------------------------------------------------


def _reading(
    run: _Run,
    modules: Mapping[str, nn.Module],
    target: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    seconds: float | None,
    notes: list[str],
    root: str,
) -> Reading:
    tracer = run.tracer
    relative = _relative(root)
    order = sorted(tracer.nodes, key=int)
    owners = {number: tracer.owner(number) for number in order}
    by_place: dict[tuple[str, int, int], list[int]] = {}
    for number, owner in owners.items():
        if owner is not None:
            by_place.setdefault(owner[:3], []).append(number)
    total_seconds = sum(t.seconds for t in tracer.tallies.values()) or 1.0

    def entry(pairs: list[tuple[Tally, list[int]]]) -> dict[str, Any]:
        """What a statement did, over one call or over many."""
        tallies = [tally for tally, _ in pairs]
        numbers = sorted(number for _, own in pairs for number in own)
        return {
            "calls": sum(t.calls for t in tallies),
            "values": _values(t.values for t in tallies),
            "reads": _values(t.reads for t in tallies),
            "params": list(dict.fromkeys(name for t in tallies for name in t.params)),
            "flops_forward": sum(t.flops_forward for t in tallies),
            "flops_backward": sum(t.flops_backward for t in tallies),
            "seconds_share": sum(t.seconds for t in tallies) / total_seconds,
            "saved_bytes": sum(t.saved_bytes for t in tallies),
            "nodes": [_node_name(tracer.nodes[number][0]) for number in numbers],
            "not_counted": list(dict.fromkeys(name for t in tallies for name in t.not_counted)),
            "ops": dict(sum((t.ops for t in tallies), Counter())),
            "recomputed": sum(t.recomputed for t in tallies),
            "children": _children([t.children for t in tallies], total_seconds, owners, numbers),
        }

    whole = _inclusive(tracer)
    lines = []
    for file, statements, function, rows in _listed(tracer):
        numbers = [c.number for c in tracer.calls if c.file == file and c.function == function]
        for row in rows:
            keys = [key for key in tracer.tallies if key[:2] == (file, row.line)]
            pairs = {key[2]: (tracer.tallies[key], by_place.get(key, [])) for key in keys}
            line = {
                "file": relative(file),
                "line": row.line,
                "end_line": row.end_line,
                "source": statements.text(row),
                "function": function.name if function else None,
                "kind": row.kind,
                "executed": any(tally.calls or tally.ops for tally, _ in pairs.values()),
                **entry(list(pairs.values())),
            }
            below = [whole[key] for key in keys if key in whole]
            if below:  # it calls functions that have rows of their own
                flops_forward, flops_backward, spent, kept = map(sum, zip(*below, strict=True))
                line["with_calls"] = {
                    "flops_forward": flops_forward,
                    "flops_backward": flops_backward,
                    "seconds_share": spent / total_seconds,
                    "saved_bytes": kept,
                }
            if row.body is not None and row.kind in ("if", "for", "while"):
                held = [t for key, t in tracer.tallies.items() if key[:2] == (file, row.body)]
                line["body_runs"] = sum(t.calls for t in held)
            if len(numbers) > 1:
                line["by_call"] = {
                    str(number): entry([pairs[number]]) for number in numbers if number in pairs
                }
            lines.append(line)
    everything = [*tracer.tallies.values(), tracer.unplaced]
    placed = sum(owner is not None for owner in owners.values())
    reading = {
        "target": target,
        "input": [_input(n, v) for n, v in [*(("", a) for a in args), *kwargs.items()]],
        "guessed": False,
        "input_words": "",
        "lines": lines,
        "calls": [_call(call, relative) for call in tracer.calls if not call.recompute],
        "files": {
            relative(file): statements.lines
            for file, statements in _files(tracer).items()
            if any(line["file"] == relative(file) for line in lines)
        },
        "tape": _tape(tracer, order, owners, relative) if len(order) <= MAX_TAPE else [],
        "totals": {
            "parameters": _num_parameters(modules),
            "flops_forward": sum(t.flops_forward for t in everything),
            "flops_backward": sum(t.flops_backward for t in everything),
            "ops": tracer.num_ops,
            "ops_attributed": tracer.num_ops_placed,
            "nodes": len(order),
            "nodes_attributed": placed,
            "backward_ops": tracer.num_backward_ops,
            "backward_ops_attributed": tracer.num_backward_ops_placed,
            "peak_bytes": tracer.peak_bytes,
            "forward_seconds": seconds,
            "traced_seconds": run.forward_seconds,
        },
        "backward": _backward_words(run),
        "skipped_statements": [],
        "blocked": [],
        "not_seen": _not_seen(run, modules, len(order) - placed),
        "notes": notes,
        "crash": None if run.error is None else _crash(run, modules, relative),
    }
    if tracer.peak_place:
        reading["totals"]["peak_at"] = {
            "file": relative(tracer.peak_place[0]),
            "line": tracer.peak_place[1],
        }
    return reading


def _relative(root: str) -> Callable[[str], str]:
    def relative(file: str) -> str:
        if root and file.startswith(root.rstrip(os.sep) + os.sep):
            return file[len(root.rstrip(os.sep)) + 1 :]
        return file

    return relative


def _files(tracer: Tracer) -> dict[str, Statements]:
    files = dict.fromkeys(key[0] for key in tracer.tallies)
    found = {file: statements_of(file) for file in files}
    return {file: statements for file, statements in found.items() if statements is not None}


def _listed(
    tracer: Tracer,
) -> Iterator[tuple[str, Statements, FunctionPlace | None, list[Any]]]:
    """Each function that ran with its rows, files in the order in which they were entered."""
    for file, statements in _files(tracer).items():
        ran = {
            function
            for function in statements.functions.values()
            if any(
                key[0] == file and key[1] == row.line
                for row in statements.within(function)[:1]
                for key in tracer.tallies
            )
        }
        listed = set()
        for function in sorted(ran, key=lambda place: place.line):
            rows = statements.within(function)
            listed |= {row.line for row in rows}
            yield file, statements, function, rows
        rest = sorted({key[1] for key in tracer.tallies if key[0] == file} - listed)
        if rest:  # a lambda in the body of a class, say
            yield file, statements, None, [statements.rows[line] for line in rest]


def _inclusive(tracer: Tracer) -> dict[tuple[str, int, int], tuple[float, float, float, float]]:
    """Of each place that calls functions with rows of their own: what it and they did together."""

    def numbers(tally: Tally) -> tuple[float, float, float, float]:
        return tally.flops_forward, tally.flops_backward, tally.seconds, tally.saved_bytes

    of_call: dict[int, list[float]] = {call.number: [0.0] * 4 for call in tracer.calls}
    for key, tally in tracer.tallies.items():
        if key[2] in of_call:
            of_call[key[2]] = [a + b for a, b in zip(of_call[key[2]], numbers(tally), strict=True)]
    places: dict[tuple[str, int, int], list[float]] = {}
    for call in reversed(tracer.calls):  # the inner ones end first: their sums are whole
        if call.caller is None:
            continue
        total = of_call[call.number]
        if call.caller not in places:
            own = tracer.tallies.get(call.caller)
            places[call.caller] = list(numbers(own)) if own else [0.0] * 4
        places[call.caller] = [a + b for a, b in zip(places[call.caller], total, strict=True)]
        above = of_call.get(call.caller[2])
        if above is not None:
            of_call[call.caller[2]] = [a + b for a, b in zip(above, total, strict=True)]
    return {place: (a, b, c, d) for place, (a, b, c, d) in places.items()}


def _values(counters: Any) -> list[dict[str, Any]]:
    """Shapes under each name, equal ones together, in the order in which they first came."""
    added: dict[tuple[str, Shape], int] = {}
    for counter in counters:
        for name, shapes in counter.items():
            for shape, count in shapes.items():
                added[name, shape] = added.get((name, shape), 0) + count
    return [
        {"name": name, "shape": list(shape), "dtype": dtype, "device": device, "count": count}
        for (name, (shape, dtype, device)), count in added.items()
    ]


def _children(
    every: list[dict[str, Child]], total_seconds: float, owners: Mapping[int, Any], numbers: Any
) -> list[dict[str, Any]]:
    added: dict[str, dict[str, Any]] = {}
    for children in every:
        for path, child in children.items():
            row = added.setdefault(
                path,
                {
                    "path": path,
                    "layer": child.layer,
                    "calls": 0,
                    "values": Counter(),
                    "params": {},
                    "flops_forward": 0,
                    "flops_backward": 0,
                    "seconds_share": 0.0,
                    "saved_bytes": 0,
                    "nodes": sum(1 for n in numbers if owners[n] and owners[n][3] == path),
                },
            )
            row["calls"] += child.calls
            row["values"] += child.outputs
            row["params"] |= child.params
            row["flops_forward"] += child.flops_forward
            row["flops_backward"] += child.flops_backward
            row["seconds_share"] += child.seconds / total_seconds
            row["saved_bytes"] += child.saved_bytes
    return [
        row | {"values": _values([{"": row["values"]}]), "params": list(row["params"])}
        for row in added.values()
    ]


def _tape(
    tracer: Tracer, order: list[int], owners: Mapping[int, Any], relative: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The nodes in the order in which they were made; `next` are places in this list."""
    index = {number: place for place, number in enumerate(order)}
    tape = []
    for number in order:
        name, following = tracer.nodes[number]
        owner = owners[number]
        tape.append(
            {
                "name": _node_name(name),
                "file": relative(owner[0]) if owner else None,
                "line": owner[1] if owner else None,
                "call": owner[2] if owner else None,
                "next": [index[n] for n in following if n in index],
            }
        )
    return tape


def _node_name(name: str) -> str:
    return name.removeprefix("torch::autograd::")


def _input(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return {"name": name, "shape": list(value.shape), "dtype": dtype}
    if isinstance(value, nn.Module):
        return {"name": name, "value": type(value).__name__}
    tensors = [leaf for leaf, _ in leaves(name, value)]
    if tensors:
        return {"name": name, "value": f"{type(value).__name__} of {len(tensors)} tensors"}
    return {"name": name, "value": repr(value)[:80]}


def _call(call: Call, relative: Callable[[str], str]) -> dict[str, Any]:
    return {
        "number": call.number,
        "file": relative(call.file),
        "function": call.function.name if call.function else None,
        "line": call.function.line if call.function else None,
        "module": call.module,
        "caller": {
            "file": relative(call.caller[0]),
            "line": call.caller[1],
            "call": call.caller[2],
        }
        if call.caller
        else None,
        "in_backward": call.in_backward,
    }


def _num_parameters(modules: Mapping[str, nn.Module]) -> int:
    every = {id(p): p for module in modules.values() for p in module.parameters()}
    return sum(p.numel() for p in every.values() if not _is_lazy(p))


def _backward_words(run: _Run) -> str:
    if run.error is not None:
        return f"not run: the {run.phase} pass failed"
    if run.ran_backward:
        return "from the loss" if run.outputs[0].numel() == 1 else "from the sum of the outputs"
    if run.tracer.num_backward_ops:
        return "run by the code itself"
    return "no backward: no output needs a gradient"


def _not_seen(run: _Run, modules: Mapping[str, nn.Module], unplaced: int) -> list[str]:
    words = [f"work in another thread: {name}" for name in run.tracer.threads]
    if unplaced:
        words.append(f"{unplaced} nodes of the tape were made by no line that was watched")
    for prefix, root in modules.items():
        for name, module in root.named_modules(prefix=prefix):
            if isinstance(module, torch.jit.ScriptModule):
                words.append(f"{name or type(module).__name__} is scripted: its lines are not seen")
                break
            if type(module).__name__ == "OptimizedModule":
                words.append(f"{name or 'the model'} is compiled: it was read as it is written")
    return words


def _crash(
    run: _Run, modules: Mapping[str, nn.Module], relative: Callable[[str], str]
) -> dict[str, Any]:
    """Where the exception left the user's code, the shapes there, and the parameter it met."""
    error = run.error
    assert error is not None
    tracer = run.tracer
    frames = []
    place = error.__traceback__
    while place is not None:
        frames.append((place.tb_frame, place.tb_lineno))
        place = place.tb_next
    user = [
        number
        for number, (frame, _) in enumerate(frames)
        if tracer._is_user(frame.f_code.co_filename) and statements_of(frame.f_code.co_filename)
    ]
    message = str(error).strip().splitlines()
    words = f"{type(error).__name__}: {message[0] if message else ''}"
    if not user:
        spot = tracer.last_backward if run.phase == "backward" else None
        return {
            "file": relative(spot[0]) if spot else None,
            "line": spot[1] if spot else None,
            "message": words,
            "shapes": {},
            "parameter": None,
            "phase": run.phase,
        }
    frame, line = frames[user[-1]]
    shapes = {}
    for name, value in frame.f_locals.items():
        for leaf, tensor in leaves(name, value):
            shapes[leaf] = list(tensor.shape)
    names = _parameter_names(modules)
    parameter = None
    for inner, _ in frames[user[-1] + 1 :]:
        owner = inner.f_locals.get("self")
        if isinstance(owner, nn.Module):
            own = [(key, p) for key, p in owner._parameters.items() if p is not None]
            if own and not _is_lazy(own[0][1]):
                key, value = own[0]
                parameter = {"name": names.get(id(value), key), "shape": list(value.shape)}
    return {
        "file": relative(frame.f_code.co_filename),
        "line": line,
        "message": words,
        "shapes": shapes,
        "parameter": parameter,
        "phase": run.phase,
    }
