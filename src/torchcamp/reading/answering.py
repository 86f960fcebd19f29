"""From a request to a reading: load the target, find its inputs, run it.

This happens in the process that asks; `worker` sees to it that it is one of its own.
"""

import contextlib
import dataclasses
import inspect
import itertools
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from torchcamp.base.errors import ReadError
from torchcamp.reading import inputs as given
from torchcamp.reading.loading import Loaded, load
from torchcamp.reading.notebooks import cells_of
from torchcamp.reading.passes import modules_of
from torchcamp.reading.process import Request
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading, Skipped
from torchcamp.reading.siblings import sliced_modules
from torchcamp.reading.stack import is_user_file
from torchcamp.reading.targets import Target, find_target


def answer(request: Request, target: str) -> Reading:
    """The reading that was asked for.

    Args:
        target: that of the request, its file with the whole path.

    Raises:
        ReadError: the target, an input or an argument does not work out.
    """
    expressions = given.parse_args(request.args)
    name = request.target.rpartition(":")[2]
    loaded = load(
        target,
        expressions=[
            *expressions.values(),
            *(given.split_input(spec)[1] for spec in request.inputs),
        ],
        full_import=request.full_import,
        argv=split_argv(request.argv),
        folder=Path(request.root),
    )
    values = {
        keyword: given.evaluate(text, loaded.namespace, f"--args {keyword}={text}")
        for keyword, text in expressions.items()
    }
    parsed = [given.parse_input(spec, loaded.namespace) for spec in request.inputs]
    found = find_target(
        loaded.value,
        values,
        name=name,
        target=request.target,
        inputs=[keyword for keyword, _ in parsed],
    )
    call = _method_of(found.call, request.method, name) if request.method else found.call
    inputs = given.find_inputs(
        call, parsed, loaded.namespace, request.target, found.arguments, _options(request)
    )
    modules = modules_of(call, inputs.args, inputs.kwargs)
    inputs = _cast(request.dtype, modules.values(), inputs)
    in_libraries = [_library_of(str(loaded.file)), _library_of(_file_of(found.call))]
    with _default_dtype(request.dtype):
        reading = read(
            call,
            inputs.args,
            inputs.kwargs,
            target=request.target,
            is_user=lambda file: is_user_file(file) or any(holds(file) for holds in in_libraries),
            root=request.root,
        )
    return dataclasses.replace(
        reading,
        guessed=inputs.guessed or bool(found.guesses),
        input_words=inputs.how,
        notes=[*_notes(found, loaded, reading, request.root), *reading.notes],
        skipped_statements=[
            Skipped(line=first, end_line=last, source=source)
            for first, last, source in loaded.skipped
        ],
        num_kept=loaded.num_kept,
    )


def _options(request: Request) -> str:
    """What was typed besides the inputs, for the command that an error offers."""
    options = f" --args {shlex.quote(request.args)}" if request.args else ""
    return options + (f" --call {request.method}" if request.method else "")


def _notes(found: Target, loaded: Loaded, reading: Reading, root: str) -> Iterator[str]:
    """Sentences about how the target was come by."""
    yield from (f"argument guessed: {guess}" for guess in found.guesses)
    yield from found.notes
    yield from (f"line {line} was run and failed: {why}" for line, why in loaded.failed)
    yield from _siblings(loaded.file, root)
    names = {str(loaded.file), os.path.relpath(loaded.file, root)}
    yield from _cells(loaded.file, {line.line for line in reading.lines if line.file in names})


def _cast(dtype: str, modules: Iterable[nn.Module], inputs: given.Inputs) -> given.Inputs:
    """Let the networks, and the inputs, be of the type that was asked for; whole numbers stay."""
    if not dtype:
        return inputs
    kind = getattr(torch, dtype)

    def cast(value: Any) -> Any:
        is_floating = isinstance(value, Tensor) and value.is_floating_point()
        return value.to(kind) if is_floating else value

    for module in modules:
        module._apply(cast)
    return dataclasses.replace(
        inputs, args=tree_map(cast, inputs.args), kwargs=tree_map(cast, dict(inputs.kwargs))
    )


@contextlib.contextmanager
def _default_dtype(dtype: str) -> Iterator[None]:
    """For the tensors that a `forward` makes itself: `torch.zeros(...)`."""
    before = torch.get_default_dtype()
    if dtype:
        torch.set_default_dtype(getattr(torch, dtype))
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _siblings(file: Path, root: str) -> list[str]:
    """A sentence for each module of the user's that was imported in part."""
    return [
        f"imported in part: {os.path.relpath(other, root)}, {ran} of {number} statements"
        for other, (ran, number) in sliced_modules().items()
        if not os.path.samefile(other, file) and ran < number
    ]


def _cells(file: Path, lines: set[int]) -> list[str]:
    """Which cells of a notebook the lines that are shown belong to."""
    cells = sorted(cells_of(file).items())
    return [
        f"cell {number} of {file.name} begins at line {first}"
        for (number, first), (_, after) in itertools.pairwise([*cells, (0, sys.maxsize)])
        if any(first <= line < after for line in lines)
    ]


def split_argv(argv: str) -> list[str]:
    """The script's arguments, cut as a shell would."""
    try:
        return shlex.split(argv)
    except ValueError as error:
        raise ReadError(f"--argv {argv!r}: {error}") from error


def _method_of(call: Callable[..., Any], method: str, name: str) -> Callable[..., Any]:
    """The method that `--call` names."""
    if not hasattr(call, method):
        raise ReadError(f"{name} has no method {method!r}")
    return getattr(call, method)


def _file_of(call: Callable[..., Any]) -> str:
    """The file of a network's class, below what torch wraps it in; empty where there is none."""
    while isinstance(call, nn.Module):
        try:
            file = inspect.getsourcefile(type(call)) or ""
        except (TypeError, OSError):
            return ""
        inner = getattr(call, "_orig_mod", None) or getattr(call, "module", None)
        if is_user_file(file) or not isinstance(inner, nn.Module):
            return file
        call = inner
    return ""


def _library_of(file: str) -> Callable[[str], bool]:
    """Which files to watch although they are a library's, because the target is in it.

    All those of an installed package; of torch only the one that was named.
    """
    if not file or is_user_file(file):
        return lambda other: False
    parts = Path(file).parts
    top = next((n for n, part in enumerate(parts) if part.endswith("-packages")), None)
    if top is None or top + 2 >= len(parts) or parts[top + 1] == "torch":
        return lambda other: other == file
    package = os.path.join(*parts[: top + 2]) + os.sep
    own = str(Path(__file__).parent) + os.sep
    return lambda other: other.startswith(package) and not other.startswith(own)
