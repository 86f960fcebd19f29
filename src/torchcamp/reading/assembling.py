"""From what the witnesses tallied to the reading that is shown."""

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from torchcamp.reading.networks import named_parts, parameters_of
from torchcamp.reading.passes import Run, parameter_names
from torchcamp.reading.places import Invocation, LayerTally, Place, Tally
from torchcamp.reading.reading import (
    Call,
    Caller,
    Cost,
    Crash,
    Input,
    Layer,
    Line,
    Location,
    Node,
    Parameter,
    Reading,
    Totals,
    Value,
    Weight,
    Work,
)
from torchcamp.reading.statements import FunctionSpan, Statement, Statements, statements_of
from torchcamp.reading.tracer import Tracer
from torchcamp.reading.values import Shape, leaves, sizes_of

MAX_TAPE = 4000  # nodes that a page can draw

Sums = tuple[float, float, float, float]  # FLOPs forward and backward, seconds, bytes kept


def assemble(
    run: Run,
    modules: Mapping[str, nn.Module],
    *,
    target: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    seconds: float | None,
    notes: list[str],
    root: str,
) -> Reading:
    """The reading of a run.

    Args:
        modules: the networks in play, by name.
        seconds: of a forward pass without the tracer.
        notes: sentences about the reading itself.
        root: a folder that file names are written relative to.
    """
    facts = _Facts(run.tracer, root)
    weights = _weights(run, modules)
    num_unplaced = sum(owner is None for owner in facts.owners.values())
    return Reading(
        target=target,
        input=[_input(name, value) for name, value in (*(("", a) for a in args), *kwargs.items())],
        guessed=False,
        input_words="",
        lines=list(_lines(facts)),
        calls=[_call(call, facts) for call in run.tracer.lines.calls if not call.recompute],
        files={facts.relative(file): of.lines for file, of in facts.statements.items()},
        tape=_tape(facts) if len(facts.owners) <= MAX_TAPE else [],
        totals=_totals(run, facts, weights, seconds),
        weights=weights,
        backward=_backward_words(run),
        skipped_statements=[],
        blocked=[],
        not_seen=_not_seen(run, modules, num_unplaced),
        notes=notes,
        crash=None if run.error is None else _crash(run.error, run, modules, facts),
    )


class _Facts:
    """What a tracer saw, by what asks for it.

    Attributes:
        owners: the place that made each node, by the node's number, ascending.
        statements: the statements of each file, in the order in which files were entered.
    """

    def __init__(self, tracer: Tracer, root: str) -> None:
        self.tracer = tracer
        self.owners = {number: tracer.tape.owner(number) for number in sorted(tracer.tape.nodes)}
        self.total_seconds = sum(tally.seconds for tally in tracer.tallies.values()) or 1.0
        self.statements: dict[str, Statements] = {}
        self._folder = root.rstrip(os.sep) + os.sep if root else ""
        self._nodes: dict[Place, list[int]] = {}
        self._places: dict[tuple[str, int], list[Place]] = {}
        for number, owner in self.owners.items():
            if owner is not None:
                self._nodes.setdefault(owner.statement, []).append(number)
        for place in tracer.tallies:
            self._places.setdefault((place.file, place.line), []).append(place)
        for file in dict.fromkeys(place.file for place in tracer.tallies):
            statements = statements_of(file)
            if statements is not None:
                self.statements[file] = statements

    def relative(self, file: str) -> str:
        """A file's name as it is shown."""
        return file.removeprefix(self._folder) if self._folder else file

    def places(self, file: str, line: int) -> list[Place]:
        """The statement that begins on this line, in each call in which it ran."""
        return self._places.get((file, line), [])

    def outermost(self, places: list[Place]) -> list[Place]:
        """Those of one statement's places that no other of them called: what recurs counts once."""
        return [place for place in places if not self._recurs(place)]

    def _recurs(self, place: Place) -> bool:
        calls = self.tracer.lines.calls
        caller = calls[place.call].caller if 0 <= place.call < len(calls) else None
        while caller is not None:
            if (caller.file, caller.line) == (place.file, place.line):
                return True
            caller = calls[caller.call].caller if 0 <= caller.call < len(calls) else None
        return False

    def num_runs(self, file: str, line: int) -> int:
        return sum(self.tracer.tallies[place].calls for place in self.places(file, line))

    def work(self, places: Sequence[Place]) -> Work:
        """What a statement did in these calls together."""
        tallies = [self.tracer.tallies[place] for place in places]
        numbers = sorted(number for place in places for number in self._nodes.get(place, []))
        nodes = self.tracer.tape.nodes
        return Work(
            calls=sum(t.calls for t in tallies),
            values=_values(t.values for t in tallies),
            reads=_values(t.reads for t in tallies),
            params=list(dict.fromkeys(name for t in tallies for name in t.params)),
            flops_forward=sum(t.flops_forward for t in tallies),
            flops_backward=sum(t.flops_backward for t in tallies),
            seconds_share=sum(t.seconds for t in tallies) / self.total_seconds,
            saved_bytes=sum(t.saved_bytes for t in tallies),
            nodes=[_node_name(nodes[number][0]) for number in numbers],
            not_counted=list(dict.fromkeys(name for t in tallies for name in t.not_counted)),
            ops=dict(sum((t.ops for t in tallies), Counter())),
            recomputed=sum(t.recomputed for t in tallies),
            children=self._layers(tallies, numbers),
            pages=list(dict.fromkeys(name for t in tallies for name in t.pages)),
        )

    def _layers(self, tallies: list[Tally], numbers: list[int]) -> list[Layer]:
        """The layers that ran in a statement, each over all its calls; `numbers`: its nodes."""
        by_path: dict[str, list[LayerTally]] = {}
        for tally in tallies:
            for path, layer in tally.layers.items():
                by_path.setdefault(path, []).append(layer)
        owners = [self.owners[number] for number in numbers]
        return [
            Layer(
                path=path,
                layer=layers[0].layer,
                calls=sum(layer.calls for layer in layers),
                values=_values({"": layer.outputs} for layer in layers),
                params=list(dict.fromkeys(name for layer in layers for name in layer.params)),
                flops_forward=sum(layer.flops_forward for layer in layers),
                flops_backward=sum(layer.flops_backward for layer in layers),
                seconds_share=sum(layer.seconds for layer in layers) / self.total_seconds,
                saved_bytes=sum(layer.saved_bytes for layer in layers),
                nodes=sum(owner is not None and owner.layer == path for owner in owners),
                page=layers[0].page,
            )
            for path, layers in by_path.items()
        ]


# --- Lines -----------------------------------------------------------------------------


def _lines(facts: _Facts) -> Iterator[Line]:
    """The statements of the functions that ran, by file and function."""
    inclusive = _inclusive(facts.tracer)
    calls: dict[tuple[str, FunctionSpan | None], list[int]] = {}
    for call in facts.tracer.lines.calls:
        calls.setdefault((call.file, call.function), []).append(call.number)
    for file, function, statements in _listed(facts):
        numbers = calls.get((file, function), [])
        for statement in statements:
            yield _line(facts, file, function, statement, numbers, inclusive)


def _line(
    facts: _Facts,
    file: str,
    function: FunctionSpan | None,
    statement: Statement,
    numbers: list[int],
    inclusive: Mapping[Place, Sums],
) -> Line:
    """One statement; `numbers` are the calls of its function."""
    places = facts.places(file, statement.line)
    by_call = {place.call: place for place in places}
    tallies = [facts.tracer.tallies[place] for place in places]
    body = statement.body if statement.kind in ("if", "for", "while") else None
    return Line(
        file=facts.relative(file),
        line=statement.line,
        end_line=statement.end_line,
        source=facts.statements[file].text(statement),
        function=function.name if function else None,
        kind=statement.kind,
        executed=any(tally.calls or tally.ops for tally in tallies),
        **vars(facts.work(places)),
        with_calls=_cost(
            [inclusive[place] for place in facts.outermost(places) if place in inclusive],
            facts.total_seconds,
        ),
        body_runs=None if body is None else facts.num_runs(file, body),
        by_call={
            str(number): facts.work([by_call[number]]) for number in numbers if number in by_call
        }
        if len(numbers) > 1
        else None,
    )


def _listed(facts: _Facts) -> Iterator[tuple[str, FunctionSpan | None, list[Statement]]]:
    """Each function that ran with its statements; files in the order in which they were entered."""
    for file, statements in facts.statements.items():
        left = {place.line for place in facts.tracer.tallies if place.file == file}
        for function in sorted(statements.functions.values(), key=lambda each: each.line):
            own = statements.within(function)
            if own and facts.places(file, own[0].line):
                left -= {statement.line for statement in own}
                yield file, function, own
        if left:  # a lambda in the body of a class, say
            yield file, None, [statements.rows[line] for line in sorted(left)]


def _inclusive(tracer: Tracer) -> dict[Place, Sums]:
    """Sums over a statement and everything it calls, for each that calls watched functions."""
    of_call: dict[int, Sums] = {call.number: (0, 0, 0, 0) for call in tracer.lines.calls}
    for place, tally in tracer.tallies.items():
        if place.call in of_call:
            of_call[place.call] = _plus(of_call[place.call], _sums(tally))
    of_place: dict[Place, Sums] = {}
    for call in reversed(tracer.lines.calls):  # the inner ones come last: their sums are whole
        if call.caller is None:
            continue
        if call.caller not in of_place:
            own = tracer.tallies.get(call.caller)
            of_place[call.caller] = _sums(own) if own else (0, 0, 0, 0)
        of_place[call.caller] = _plus(of_place[call.caller], of_call[call.number])
        around = call.caller.call
        if around in of_call:
            of_call[around] = _plus(of_call[around], of_call[call.number])
    return of_place


def _sums(tally: Tally) -> Sums:
    return tally.flops_forward, tally.flops_backward, tally.seconds, tally.saved_bytes


def _plus(left: Sums, right: Sums) -> Sums:
    a, b, c, d = map(add, left, right)
    return a, b, c, d


def _cost(every: list[Sums], total_seconds: float) -> Cost | None:
    """What a statement and its calls cost together; None where it calls nothing that is watched."""
    if not every:
        return None
    flops_forward, flops_backward, seconds, saved_bytes = reduce(_plus, every)
    return Cost(
        flops_forward=float(flops_forward),
        flops_backward=float(flops_backward),
        seconds_share=seconds / total_seconds,
        saved_bytes=float(saved_bytes),
    )


def _values(every: Iterable[Mapping[str, Counter[Shape]]]) -> list[Value]:
    """Shapes under each name, equal ones together, in the order in which they first came."""
    added: dict[tuple[str, Shape], int] = {}
    for counts in every:
        for name, shapes in counts.items():
            for shape, count in shapes.items():
                added[name, shape] = added.get((name, shape), 0) + count
    return [
        Value(name=name, shape=sizes, dtype=dtype, device=device, count=count)
        for (name, (sizes, dtype, device)), count in added.items()
    ]


# --- The rest of a reading -------------------------------------------------------------


def _tape(facts: _Facts) -> list[Node]:
    """The nodes in the order in which they were made; `next` are positions in this list."""
    index = {number: position for position, number in enumerate(facts.owners)}
    tape = []
    for number, owner in facts.owners.items():
        name, following = facts.tracer.tape.nodes[number]
        tape.append(
            Node(
                name=_node_name(name),
                file=facts.relative(owner.file) if owner else None,
                line=owner.line if owner else None,
                call=owner.call if owner else None,
                next=[index[n] for n in following if n in index],
            )
        )
    return tape


def _node_name(name: str) -> str:
    return name.removeprefix("torch::autograd::")


def _weights(run: Run, modules: Mapping[str, nn.Module]) -> list[Weight]:
    """The parameters of the networks in play."""
    parameters = {id(p): p for module in modules.values() for p in parameters_of(module)}
    names = parameter_names(modules)
    ran = run.error is None and run.tracer.operations.num_backward > 0
    return [
        Weight(
            name=names[key],
            shape=sizes_of(parameter),
            trainable=parameter.requires_grad,
            gradient=key in run.reached if ran and parameter.requires_grad else None,
        )
        for key, parameter in parameters.items()
        if not is_lazy(parameter)
    ]


def _totals(run: Run, facts: _Facts, weights: list[Weight], seconds: float | None) -> Totals:
    operations, memory = run.tracer.operations, run.tracer.memory
    tallies = [*run.tracer.tallies.values(), operations.unplaced]
    peak = memory.peak_place
    return Totals(
        parameters=sum(math.prod(weight.shape) for weight in weights),
        trainable=sum(math.prod(weight.shape) for weight in weights if weight.trainable),
        flops_forward=sum(tally.flops_forward for tally in tallies),
        flops_backward=sum(tally.flops_backward for tally in tallies),
        ops=operations.num_forward,
        ops_attributed=operations.num_forward_placed,
        nodes=len(facts.owners),
        nodes_attributed=sum(owner is not None for owner in facts.owners.values()),
        backward_ops=operations.num_backward,
        backward_ops_attributed=operations.num_backward_placed,
        peak_bytes=memory.peak_bytes,
        forward_seconds=seconds,
        traced_seconds=run.forward_seconds,
        peak_at=Location(file=facts.relative(peak.file), line=peak.line) if peak else None,
    )


def _input(name: str, value: Any) -> Input:
    if isinstance(value, Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return Input(name=name, shape=sizes_of(value), dtype=dtype)
    if isinstance(value, nn.Module):
        return Input(name=name, value=type(value).__name__)
    num_tensors = sum(1 for _ in leaves(name, value))
    if num_tensors:
        return Input(name=name, value=f"{type(value).__name__} of {num_tensors} tensors")
    return Input(name=name, value=repr(value)[:80])


def _call(call: Invocation, facts: _Facts) -> Call:
    caller = call.caller
    return Call(
        number=call.number,
        file=facts.relative(call.file),
        function=call.function.name if call.function else None,
        line=call.function.line if call.function else None,
        module=call.module,
        caller=Caller(file=facts.relative(caller.file), line=caller.line, call=caller.call)
        if caller
        else None,
        in_backward=call.in_backward,
    )


def _backward_words(run: Run) -> str:
    if run.error is not None:
        return f"not run: the {run.phase} pass failed"
    if run.ran_backward:
        return "from the loss" if run.outputs[0].numel() == 1 else "from the sum of the outputs"
    if run.tracer.operations.num_backward:
        return "run by the code itself"
    return "no backward: no output needs a gradient"


def _not_seen(run: Run, modules: Mapping[str, nn.Module], num_unplaced: int) -> list[str]:
    not_seen = [f"work in another thread: {name}" for name in run.tracer.lines.threads]
    if num_unplaced:
        nodes = (
            "1 node of the tape was"
            if num_unplaced == 1
            else f"{num_unplaced} nodes of the tape were"
        )
        not_seen.append(f"{nodes} made by no line that was watched")
    for prefix, root in modules.items():
        for name, module in named_parts(root, prefix):
            if isinstance(module, torch.jit.ScriptModule):
                what = name or type(module).__name__
                not_seen.append(f"{what} is scripted: its lines are not seen")
                break
            if type(module).__name__ == "OptimizedModule":
                what = name or "the model"
                not_seen.append(f"{what} is compiled: it was read as it is written")
    return not_seen


# --- A crash ---------------------------------------------------------------------------


def _crash(
    error: BaseException, run: Run, modules: Mapping[str, nn.Module], facts: _Facts
) -> Crash:
    """Where the exception left the user's code, the shapes there, and the parameter it met."""
    lines = str(error).strip().splitlines()
    message = f"{type(error).__name__}: {lines[0] if lines else ''}"
    frames = list(_frames_of(error))
    watched = [
        number
        for number, (frame, _) in enumerate(frames)
        if run.tracer.stack.files[frame.f_code.co_filename] is not None
    ]
    if not watched:
        last = run.tracer.operations.last_backward if run.phase == "backward" else None
        return Crash(
            file=facts.relative(last.file) if last else None,
            line=last.line if last else None,
            message=message,
            shapes={},
            parameter=None,
            phase=run.phase,
        )
    frame, line = frames[watched[-1]]
    tensors = [leaf for name, value in frame.f_locals.items() for leaf in leaves(name, value)]
    below = [inner for inner, _ in frames[watched[-1] + 1 :]]
    return Crash(
        file=facts.relative(frame.f_code.co_filename),
        line=line,
        message=message,
        shapes={name: sizes_of(tensor) for name, tensor in tensors},
        parameter=_parameter_met(below, parameter_names(modules)),
        phase=run.phase,
    )


def _frames_of(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """The frames that the exception passed, the outermost first, each with its line."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _parameter_met(frames: list[FrameType], names: Mapping[int, str]) -> Parameter | None:
    """The first parameter of the innermost layer of torch's that was running."""
    for frame in reversed(frames):
        owner = frame.f_locals.get("self")
        if not isinstance(owner, nn.Module):
            continue
        own = [(name, p) for name, p in owner._parameters.items() if p is not None]
        if own and not is_lazy(own[0][1]):
            name, parameter = own[0]
            return Parameter(name=names.get(id(parameter), name), shape=sizes_of(parameter))
    return None
