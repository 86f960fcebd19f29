"""The child's half of a reading: `python -m torchcamp.reading.worker REQUEST.json REPLY.json`.

The reply holds the reading or, under `error`, one line for the person who typed the command.
"""

import contextlib
import dataclasses
import inspect
import io
import json
import os
import shlex
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from torchcamp.base.errors import ReadError, UserError
from torchcamp.reading import inputs as given
from torchcamp.reading.cpu_for_cuda import stay_on_cpu
from torchcamp.reading.guard import Guard
from torchcamp.reading.loading import load
from torchcamp.reading.process import Request
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading, Skipped
from torchcamp.reading.stack import is_user_file

MAX_THREADS = 4  # of torch: more do not pay for one small batch


def main(request_file: str, reply_file: str) -> None:
    """Read what the request says, write the reply and end the process."""
    request = Request.from_json(json.loads(Path(request_file).read_text()))
    reply = os.open(reply_file + ".part", os.O_WRONLY | os.O_CREAT)  # before the guard starts
    guard = Guard(Path(request.work))
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = {"reading": _read(request, guard).as_json()}
    except UserError as error:
        answer = {"error": str(error)}
    os.write(reply, json.dumps(answer).encode())
    os.close(reply)
    guard.on = False
    os.replace(reply_file + ".part", reply_file)
    os._exit(0)  # threads and exit handlers of the user's code do not matter


def _read(request: Request, guard: Guard) -> Reading:
    """Load the target, find its inputs, run it, all of it under guard.

    Raises:
        ReadError: the target, an input or an argument does not work out.
    """
    torch.set_num_threads(min(torch.get_num_threads(), MAX_THREADS))
    os.chdir(request.root)
    sys.path.insert(0, request.root)
    expressions = given.parse_args(request.args)
    argv = _split(request.argv)
    where, _, name = request.target.rpartition(":")
    if where.endswith((".py", ".ipynb")):  # relative to here, and the work is done elsewhere
        where = os.path.abspath(os.path.expanduser(where))
    gpu: list[str] = []
    stay_on_cpu(lambda: gpu.append("CUDA is not available: what asks for it runs on the CPU"))
    guard.start()
    os.chdir(request.work)
    loaded = load(
        f"{where}:{name}" if where else request.target,
        expressions=[*expressions.values(), *request.inputs],
        full_import=request.full_import,
        argv=argv,
    )
    values = {
        keyword: given.evaluate(text, loaded.namespace, f"--args {keyword}={text}")
        for keyword, text in expressions.items()
    }
    parsed = [given.parse_input(spec, loaded.namespace) for spec in request.inputs]
    value = _built_by(loaded.value, values, parsed, name)
    if value is not loaded.value:
        values = {}
    call, values, guesses = _callable(value, values, request, name)
    _cast(call, request.dtype)
    options = f" --args {shlex.quote(request.args)}" if request.args else ""
    options += f" --call {request.method}" if request.method else ""
    inputs = given.find_inputs(call, parsed, loaded.namespace, request.target, values, options)
    inputs = _cast_inputs(inputs, request.dtype)
    in_library = _library_of(str(loaded.file))
    reading = read(
        call,
        inputs.args,
        inputs.kwargs,
        target=request.target,
        is_user=lambda file: is_user_file(file) or in_library(file),
        root=request.root,
    )
    return dataclasses.replace(
        reading,
        guessed=inputs.guessed or bool(guesses),
        input_words=inputs.how,
        notes=[*(f"argument guessed: {guess}" for guess in guesses), *reading.notes, *gpu[:1]],
        skipped_statements=[
            Skipped(line=first, end_line=last, source=source)
            for first, last, source in loaded.skipped
        ],
        num_kept=loaded.num_kept,
        blocked=list(guard.blocked),
    )


def _split(argv: str) -> list[str]:
    """The script's arguments, cut as a shell would."""
    try:
        return shlex.split(argv)
    except ValueError as error:
        raise ReadError(f"--argv {argv!r}: {error}") from error


def _callable(
    value: Any, arguments: dict[str, Any], request: Request, name: str
) -> tuple[Callable[..., Any], dict[str, Any], list[str]]:
    """What to call, the arguments that are left for the call itself, and guesses at the others."""
    guesses: list[str] = []
    call = value
    if inspect.isclass(call):
        if not issubclass(call, nn.Module) and not hasattr(call, "forward"):
            raise ReadError(f"{name} is a class without a forward")
        call, guesses = given.build(call, arguments, request.target)
        arguments = {}
        if not callable(call):  # a mixin: it has a forward, but is not a module
            call = call.forward
    elif not callable(call):
        raise ReadError(f"{name} is of type {type(call).__name__}, which cannot be called")
    if request.method:
        if not hasattr(call, request.method):
            raise ReadError(f"{name} has no method {request.method!r}")
        call = getattr(call, request.method)
    return call, arguments, guesses


def _built_by(
    value: Any, arguments: dict[str, Any], inputs: list[tuple[str, Any]], name: str
) -> Any:
    """The module that a factory builds, or the value itself.

    A function is a factory if `--args` are all that it needs, the inputs are not its own, and it
    returns a module: `resnet18`, `make_net`, a partial, a lambda.
    """
    if inspect.isclass(value) or isinstance(value, nn.Module) or not callable(value):
        return value
    try:
        signature = inspect.signature(value)
        signature.bind(**arguments)
    except (TypeError, ValueError):
        return value
    says_module = _is_module_type(signature.return_annotation)
    if inputs and not says_module:
        with contextlib.suppress(TypeError):
            named = {keyword: each for keyword, each in inputs if keyword}
            bound = signature.bind(
                *(each for keyword, each in inputs if not keyword), **named, **arguments
            )
            if not any(
                isinstance(each, torch.Tensor) and _takes_no_tensor(signature.parameters[keyword])
                for keyword, each in bound.arguments.items()
            ):
                return value  # the inputs are the function's own
    torch.manual_seed(given.SEED)
    try:
        built = value(**arguments)
    except Exception as error:
        if not says_module and not inputs:
            return value  # reading it will show where it fails
        raise ReadError(f"{name} failed: {type(error).__name__}: {error}") from error
    return built if isinstance(built, nn.Module) else value


def _takes_no_tensor(parameter: inspect.Parameter) -> bool:
    """Whether its default or annotation is a number, a flag or a text: `width=64`."""
    return isinstance(parameter.default, int | float | str) or parameter.annotation in (
        int, float, bool, str, "int", "float", "bool", "str",
    )  # fmt: skip


def _is_module_type(annotation: Any) -> bool:
    if inspect.isclass(annotation):
        return issubclass(annotation, nn.Module) and annotation is not inspect.Signature.empty
    return isinstance(annotation, str) and annotation.rpartition(".")[2] in ("Module", "Sequential")


def _cast(call: Any, dtype: str) -> None:
    """Let a network compute in the type that was asked for."""
    owner = call if isinstance(call, nn.Module) else getattr(call, "__self__", None)
    if dtype and isinstance(owner, nn.Module):
        owner.to(getattr(torch, dtype))


def _cast_inputs(inputs: given.Inputs, dtype: str) -> given.Inputs:
    """Floating inputs in the type that was asked for."""
    if not dtype:
        return inputs

    def cast(value: Any) -> Any:
        is_floating = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.to(getattr(torch, dtype)) if is_floating else value

    return dataclasses.replace(
        inputs,
        args=tuple(cast(value) for value in inputs.args),
        kwargs={name: cast(value) for name, value in inputs.kwargs.items()},
    )


def _library_of(file: str) -> Callable[[str], bool]:
    """Which files to watch although they are a library's, because the target is in it.

    All those of an installed package; of torch only the one that was named.
    """
    if is_user_file(file):
        return lambda other: False
    parts = Path(file).parts
    top = next((n for n, part in enumerate(parts) if part.endswith("-packages")), None)
    if top is None or top + 2 >= len(parts) or parts[top + 1] == "torch":
        return lambda other: other == file
    package = os.path.join(*parts[: top + 2]) + os.sep
    own = str(Path(__file__).parent) + os.sep
    return lambda other: other.startswith(package) and not other.startswith(own)


if __name__ == "__main__":
    main(*sys.argv[1:])
