"""What can be read in a file or folder: models, losses, optimizers, as the text names them.

Nothing is run; it looks at the syntax alone.
"""

import ast
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import ReadError
from torchcamp.reading.notebooks import source_of
from torchcamp.reading.record import Record

SKIPPED = {"__pycache__", "node_modules", "build", "dist"}  # folders, besides those with a dot
SUFFIXES = (".py", ".ipynb")
MAX_FILES = 2000
OPTIMIZERS = (
    "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "LBFGS", "NAdam", "RAdam", "Adamax",
    "ASGD", "Rprop", "SparseAdam", "Adafactor", "Muon",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ModelOutline(Record):
    """A class that has a `forward`."""

    name: str
    line: int
    bases: list[str]
    parameters: list[str]
    """Of the constructor: `d_model: int`, `dropout=0.1`."""
    forward: list[str]
    """Of `forward`, likewise."""
    command: str
    """What to type to read it."""


@dataclass(frozen=True, kw_only=True)
class LossOutline(Record):
    """A loss that is made or called."""

    line: int
    source: str


@dataclass(frozen=True, kw_only=True)
class OptimizerOutline(Record):
    """An optimizer that is made."""

    line: int
    source: str
    owns: str
    """Its parameters, as they are written: `net.parameters()`."""


@dataclass(frozen=True, kw_only=True)
class FileOutline(Record):
    """What one file holds."""

    file: str
    classes: list[ModelOutline]
    losses: list[LossOutline]
    optimizers: list[OptimizerOutline]
    problem: str | None = None
    """Why the file could not be looked at."""


def outline(path: Path) -> list[FileOutline]:
    """An entry for each file that holds a class with a `forward`, a loss or an optimizer.

    Raises:
        ReadError: no such file or folder, or no Python in it.
    """
    if not path.exists():
        raise ReadError(f"{path} does not exist; name a Python file or a folder")
    files = sorted(_python_files(path)) if path.is_dir() else [path]
    if not files or (path.is_file() and path.suffix not in SUFFIXES):
        raise ReadError(f"{path} holds no Python file")
    entries = [entry for file in files[:MAX_FILES] if (entry := _outline_file(file))]
    if not entries:
        raise ReadError(f"{path} holds no class with a forward, no loss and no optimizer")
    return entries


def _python_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in SKIPPED or path.is_symlink():
            continue
        if path.is_dir():
            if not (path / "pyvenv.cfg").is_file():
                yield from _python_files(path)
        elif path.suffix in SUFFIXES:
            yield path


def _outline_file(file: Path) -> FileOutline | None:
    try:
        tree = ast.parse(source_of(file))
    except ReadError as error:
        problem = str(error)
        return FileOutline(file=str(file), classes=[], losses=[], optimizers=[], problem=problem)
    top = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    classes = [_class(file, node, top) for node in top.values() if _has_forward(node, top)]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    losses = [
        LossOutline(line=call.lineno, source=_short(ast.unparse(call)))
        for call in calls
        if _is_loss(_name(call))
    ]
    optimizers = [
        OptimizerOutline(line=call.lineno, source=_short(ast.unparse(call)), owns=_owned(call))
        for call in calls
        if _is_optimizer(_name(call))
    ]
    if not classes and not losses and not optimizers:
        return None
    return FileOutline(
        file=str(file),
        classes=classes,
        losses=sorted(losses, key=lambda loss: loss.line),
        optimizers=sorted(optimizers, key=lambda optimizer: optimizer.line),
    )


def _has_forward(node: ast.ClassDef, top: dict[str, ast.ClassDef]) -> bool:
    """Its own, or that of a class of the same file."""
    return _method(node, top, "forward") is not None


def _method(
    node: ast.ClassDef, top: dict[str, ast.ClassDef], name: str, depth: int = 0
) -> ast.FunctionDef | None:
    for child in node.body:
        if isinstance(child, ast.FunctionDef) and child.name == name:
            return child
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in top and depth < 8 and top[base.id] is not node:
            inherited = _method(top[base.id], top, name, depth + 1)
            if inherited:
                return inherited
    return None


def _class(file: Path, node: ast.ClassDef, top: dict[str, ast.ClassDef]) -> ModelOutline:
    constructor = _method(node, top, "__init__")
    forward = _method(node, top, "forward")
    parameters = _parameters(constructor) if constructor else []
    takes = _parameters(forward) if forward else []
    missing = [
        text
        for text in parameters
        if "=" not in text and not text.startswith("*") and not _is_dataclass(text, top)
    ]
    needed = [text for text in takes if "=" not in text and not text.startswith("*")]
    command = f"torchcamp read {shlex.quote(f'{file}:{node.name}')}"
    if missing:
        command += f" --args {shlex.quote(', '.join(f'{_plain(text)}=...' for text in missing))}"
    if len(needed) > 1:
        command += "".join(f" --input {shlex.quote(_plain(text) + '=2x16')}" for text in needed)
    return ModelOutline(
        name=node.name,
        line=node.lineno,
        bases=[ast.unparse(base) for base in node.bases],
        parameters=parameters,
        forward=takes,
        command=command,
    )


def _is_dataclass(parameter: str, top: dict[str, ast.ClassDef]) -> bool:
    """`config: Config`, where Config is a dataclass of this file: a reading builds it itself."""
    name = parameter.partition(":")[2].strip()
    return name in top and any(
        "dataclass" in ast.unparse(decorator) for decorator in top[name].decorator_list
    )


def _plain(parameter: str) -> str:
    return parameter.partition(":")[0].strip()


def _parameters(function: ast.FunctionDef) -> list[str]:
    """`d_model: int`, `dropout=0.1`, without `self`."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(every) - len(arguments.defaults)) + list(arguments.defaults)
    texts = []
    for argument, default in zip(every, defaults, strict=True):
        texts.append(_parameter(argument, default))
    if arguments.vararg:
        texts.append(f"*{arguments.vararg.arg}")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        texts.append(_parameter(argument, default))
    if arguments.kwarg:
        texts.append(f"**{arguments.kwarg.arg}")
    return texts[1:] if every and every[0].arg in ("self", "cls") else texts


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    annotation = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    if default is None:
        return argument.arg + annotation
    return f"{argument.arg}{annotation}{' = ' if annotation else '='}{ast.unparse(default)}"


def _name(call: ast.Call) -> str:
    """`torch.optim.Adam`; empty where what is called has no name."""
    return ast.unparse(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else ""


def _is_loss(name: str) -> bool:
    last = name.rpartition(".")[2]
    if last.endswith("Loss"):
        return last != "Loss"
    return name.startswith(
        ("F.", "functional.", "nn.functional.", "torch.nn.functional.")
    ) and last.endswith(("_loss", "cross_entropy", "_with_logits", "kl_div"))


def _is_optimizer(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last in OPTIMIZERS and (last == name or "optim" in name)


def _owned(optimizer: ast.Call) -> str:
    """The parameters that an optimizer is given, as they are written."""
    first = optimizer.args[0] if optimizer.args else None
    for keyword in optimizer.keywords:
        if keyword.arg == "params":
            first = keyword.value
    return _short(ast.unparse(first)) if first else ""


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:97] + "..."
