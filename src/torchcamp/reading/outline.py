"""What can be read in a file or folder: models, losses, optimizers, as the text names them.

Nothing is run; it looks at the syntax alone.
"""

import ast
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ReadError

SKIPPED = {"__pycache__", "node_modules", "build", "dist"}  # folders, beside those with a dot
MAX_FILES = 2000


def outline(place: Path) -> list[dict[str, Any]]:
    """An entry for each file that holds a class with a `forward`, a loss or an optimizer.

    `classes`: name, line, base classes, the constructor's parameters and the command that reads
    it. `losses` and `optimizers`: line and text; of an optimizer also whose parameters it owns.

    Raises:
        ReadError: no such file or folder, or no Python in it.
    """
    if not place.exists():
        raise ReadError(f"there is no file or folder {place}")
    files = sorted(_python_files(place)) if place.is_dir() else [place]
    if not files or (place.is_file() and place.suffix != ".py"):
        raise ReadError(f"{place} holds no Python file")
    entries = [entry for file in files[:MAX_FILES] if (entry := _outline_file(file))]
    if not entries:
        raise ReadError(f"{place} holds no class with a forward, no loss and no optimizer")
    return entries


def _python_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in SKIPPED or path.is_symlink():
            continue
        if path.is_dir():
            if not (path / "pyvenv.cfg").is_file():
                yield from _python_files(path)
        elif path.suffix == ".py":
            yield path


def _outline_file(file: Path) -> dict[str, Any] | None:
    entry: dict[str, Any] = {"file": str(file), "classes": [], "losses": [], "optimizers": []}
    try:
        tree = ast.parse(file.read_text())
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        return entry | {"problem": f"no Python of this version: {error}"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _add_call(entry, node)
    top = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in top.values():
        if _has_forward(node, top):
            entry["classes"].append(_class(file, node, top))
    for kind in ("losses", "optimizers"):
        entry[kind].sort(key=lambda found: found["line"])
    return entry if entry["classes"] or entry["losses"] or entry["optimizers"] else None


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
            found = _method(top[base.id], top, name, depth + 1)
            if found:
                return found
    return None


def _class(file: Path, node: ast.ClassDef, top: dict[str, ast.ClassDef]) -> dict[str, Any]:
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
    return {
        "name": node.name,
        "line": node.lineno,
        "bases": [ast.unparse(base) for base in node.bases],
        "parameters": parameters,
        "forward": takes,
        "command": command,
    }


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
    words = []
    for argument, default in zip(every, defaults, strict=True):
        words.append(_parameter(argument, default))
    if arguments.vararg:
        words.append(f"*{arguments.vararg.arg}")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        words.append(_parameter(argument, default))
    if arguments.kwarg:
        words.append(f"**{arguments.kwarg.arg}")
    return words[1:] if every and every[0].arg in ("self", "cls") else words


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    annotation = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    if default is None:
        return argument.arg + annotation
    return f"{argument.arg}{annotation}{' = ' if annotation else '='}{ast.unparse(default)}"


def _add_call(entry: dict[str, Any], call: ast.Call) -> None:
    name = ast.unparse(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else ""
    last = name.rpartition(".")[2]
    found = {"line": call.lineno, "source": _short(ast.unparse(call))}
    if (last.endswith("Loss") and last != "Loss") or (
        name.startswith(("F.", "functional.", "nn.functional.", "torch.nn.functional."))
        and (last.endswith(("_loss", "cross_entropy", "_with_logits", "kl_div")))
    ):
        entry["losses"].append(found)
    elif _is_optimizer(name):
        first = call.args[0] if call.args else None
        for keyword in call.keywords:
            if keyword.arg == "params":
                first = keyword.value
        entry["optimizers"].append(found | {"owns": _short(ast.unparse(first)) if first else ""})


def _is_optimizer(name: str) -> bool:
    last = name.rpartition(".")[2]
    known = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "LBFGS", "NAdam", "RAdam")
    known += ("Adamax", "ASGD", "Rprop", "SparseAdam", "Adafactor", "Muon")
    return last in known and (last == name or "optim" in name)


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:97] + "..."
