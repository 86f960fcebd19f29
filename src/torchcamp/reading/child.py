"""One reading in a process of its own: `python -m torchcamp.reading.child REQUEST.json REPLY.json`.

It works in a temporary folder, with a guard on network, programs and files, and with a time limit.
`read_target` starts it; `main` is what runs in it.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ReadError, UserError

LIMIT = 120.0  # seconds


def read_target(
    target: str,
    *,
    inputs: Sequence[str] = (),
    args: str = "",
    method: str = "",
    argv: str = "",
    full_import: bool = False,
    limit: float = LIMIT,
) -> dict[str, Any]:
    """The reading of `FILE.py:Class`, `FILE.py:function` or `package.module:Class`.

    Args:
        inputs: `--input` specs.
        args: of the constructor, or of the function: `d_model=16, nhead=2`.
        method: which method to call instead of the module itself.
        argv: the script's own arguments, as one line.
        limit: seconds until the reading is given up.

    Raises:
        ReadError: a target, input or argument that cannot be, or the time limit.
    """
    place = target.rpartition(":")[0]
    if place.endswith(".py") and not Path(place).expanduser().is_file():
        raise ReadError(f"there is no file {place}")
    with tempfile.TemporaryDirectory(prefix="torchcamp-read-") as name:
        folder = Path(name)
        request, reply = folder / "request.json", folder / "reply.json"
        work = folder / "work"
        work.mkdir()
        request.write_text(
            json.dumps(
                {
                    "target": target,
                    "inputs": list(inputs),
                    "args": args,
                    "method": method,
                    "argv": argv,
                    "full_import": full_import,
                    "root": os.getcwd(),
                    "work": str(work),
                }
            )
        )
        environment = os.environ | {"TMPDIR": str(work), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "torchcamp.reading.child", str(request), str(reply)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=limit,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ReadError(
                f"{target} was not read within {limit:g} s; --limit gives it longer"
            ) from None
        if not reply.is_file():
            words = ended.stderr.decode(errors="replace").strip().splitlines()
            raise ReadError(
                f"the process that read {target} ended with code {ended.returncode}"
                + (f": {words[-1]}" if words else "")
            )
        answer = json.loads(reply.read_text())
    if "error" in answer:
        raise ReadError(answer["error"])
    return answer["reading"]


def main(request_file: str, reply_file: str) -> None:
    """Read what the request says and write the reply."""
    request = json.loads(Path(request_file).read_text())
    reply = os.open(reply_file + ".part", os.O_WRONLY | os.O_CREAT)  # before the guard stands
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = {"reading": _read(request)}
    except UserError as error:
        answer = {"error": str(error)}
    os.write(reply, json.dumps(answer).encode())
    os.close(reply)
    GUARD.on = False
    os.replace(reply_file + ".part", reply_file)
    os._exit(0)  # threads and exit handlers of the user's code do not matter


def _read(request: dict[str, Any]) -> dict[str, Any]:
    import inspect
    import shlex

    import torch
    from torch import nn

    from torchcamp.reading import inputs as given
    from torchcamp.reading import loading
    from torchcamp.reading.reader import read
    from torchcamp.reading.tracer import is_user_file

    torch.set_num_threads(min(torch.get_num_threads(), 4))
    os.chdir(request["root"])
    sys.path.insert(0, request["root"])
    loading.ARGUMENTS[:] = shlex.split(request["argv"])
    expressions = given.parse_args(request["args"])
    place, _, rest = request["target"].rpartition(":")
    if place.endswith(".py"):  # its path is as seen from here, and the work is done elsewhere
        place = os.path.abspath(os.path.expanduser(place))
    GUARD.folder = os.path.realpath(request["work"])
    GUARD.start()
    os.chdir(request["work"])
    loaded = loading.load(
        f"{place}:{rest}" if place else request["target"],
        expressions=[*expressions.values(), *request["inputs"]],
        full_import=request["full_import"],
    )
    names = loaded.namespace
    values = {
        name: given.evaluate(text, names, f"--args {name}={text}")
        for name, text in expressions.items()
    }
    guesses: list[str] = []
    call: Any = loaded.value
    is_class = inspect.isclass(call)
    if is_class:
        if not issubclass(call, nn.Module) and not hasattr(call, "forward"):
            raise ReadError(f"{rest} is a class without a forward")
        call, guesses = given.build(call, values, request["target"])
        values = {}
        if not callable(call):  # a mixin: it has a forward, but is no module
            call = call.forward
    elif not callable(call):
        raise ReadError(f"{rest} is a {type(call).__name__}, nothing that can be called")
    if request["method"]:
        if not hasattr(call, request["method"]):
            raise ReadError(f"{rest} has no method {request['method']!r}")
        call = getattr(call, request["method"])
    options = f" --args {shlex.quote(request['args'])}" if request["args"] else ""
    options += f" --call {request['method']}" if request["method"] else ""
    parsed = [given.parse_input(spec, names) for spec in request["inputs"]]
    found = given.find_inputs(call, parsed, names, request["target"], values, options)
    library = _library_of(str(loaded.file), is_user_file)
    reading = read(
        call,
        found.args,
        found.kwargs,
        target=request["target"],
        is_user=lambda file: is_user_file(file) or library(file),
        root=request["root"],
    )
    reading["guessed"] = found.guessed or bool(guesses)
    reading["input_words"] = found.how
    reading["notes"] = [f"argument guessed: {guess}" for guess in guesses] + reading["notes"]
    reading["skipped_statements"] = [
        {"line": first, "end_line": last, "source": words} for first, last, words in loaded.skipped
    ]
    reading["num_kept"] = loaded.num_kept
    reading["blocked"] = list(GUARD.blocked)
    return reading


def _library_of(file: str, is_user_file: Any) -> Any:
    """Of an installed package all files are watched; of torch only the one that was named."""
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
    from torchcamp.reading.guard import Guard

    GUARD = Guard(Path("."))
    main(*sys.argv[1:])
