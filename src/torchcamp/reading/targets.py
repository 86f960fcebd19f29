"""What a target is: a class, a network that exists, a function that makes one, or a function.

- A class is built with `--args`. A network is read as it is.
- A function, a partial or a lambda **makes a network** if its annotation says that it returns one
  or, where there is no annotation that says otherwise, if it returns one when it is called with
  `--args` alone. It is called so only where these name every parameter without a default, where no
  `--input` names a parameter, and where its text returns something. Of several networks that it
  returns the first is read.
- Any other function is read itself: `--args` and `--input` are what it is called with.
"""

import ast
import functools
import inspect
import textwrap
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import torch
from torch import Tensor, nn

from torchcamp.base.errors import ReadError
from torchcamp.reading.inputs import SEED, build


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is run.

    Attributes:
        call: the network, one of its methods, or a function.
        arguments: those of `--args` that are left for the call itself.
        guesses: arguments that were guessed: `config = Config()`.
        notes: sentences about how the target was come by.
    """

    call: Callable[..., Any]
    arguments: Mapping[str, Any]
    guesses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_target(
    value: Any,
    arguments: Mapping[str, Any],
    *,
    name: str,
    target: str,
    inputs: Collection[str] = (),
) -> Target:
    """What a value of the user's stands for.

    Args:
        arguments: `--args`, evaluated.
        name: of the value in its module.
        target: what was typed, for the command that an error offers.
        inputs: names of the inputs that were given, "" for those without one.

    Raises:
        ReadError: it cannot be called, cannot be built, or lacks arguments; says what to type.
    """
    if inspect.isclass(value):
        if not issubclass(value, nn.Module) and not hasattr(value, "forward"):
            raise ReadError(f"{name} is a class without a forward")
        made, guesses = build(value, arguments, target)
        if not callable(made):  # a mixin: it has a forward, but is not a module
            made = made.forward
        return Target(call=made, arguments={}, guesses=guesses)
    if not callable(value):
        raise ReadError(f"{name} is of type {type(value).__name__}, which cannot be called")
    if not isinstance(value, nn.Module):
        made_by = _made(value, arguments, name, target, inputs)
        if made_by is not None:
            return made_by
    return Target(call=value, arguments=arguments)


def _made(
    function: Callable[..., Any], arguments: Mapping[str, Any], name: str, target: str,
    inputs: Collection[str],
) -> Target | None:  # fmt: skip
    """The network that a function makes; None where it is a function to be read itself."""
    says = _makes_module(function)
    if says is False:
        return None
    if says:
        made, guesses = build(function, arguments, target)
    else:
        try:
            signature = inspect.signature(function)
            signature.bind(**arguments)
        except (TypeError, ValueError):
            return None
        if set(inputs) & set(signature.parameters) or not _returns_something(function):
            return None
        torch.manual_seed(SEED)
        try:
            made, guesses = function(**arguments), []
        except (Exception, SystemExit):
            return None  # reading it shows where it fails
    modules = list(_modules(made))
    if not modules:
        if says:
            raise ReadError(f"{name} returned {_kind(made)}, and no network")
        return None
    note = f"{name}() was called: the {type(modules[0]).__name__} that it returns is read"
    if len(modules) > 1:
        others = ", ".join(type(module).__name__ for module in modules[1:])
        note = (
            f"{name}() was called: of the networks that it returns the first, "
            f"{type(modules[0]).__name__}, is read (the others: {others})"
        )
    return Target(call=modules[0], arguments={}, guesses=guesses, notes=[note])


def _modules(made: Any) -> Iterator[nn.Module]:
    """The networks in what a function returned: itself, or those in a tuple, list or dict."""
    if isinstance(made, nn.Module):
        yield made
    elif isinstance(made, Mapping):
        for each in made.values():
            yield from _modules(each)
    elif isinstance(made, tuple | list):
        for each in made:
            yield from _modules(each)


def _kind(made: Any) -> str:
    return "nothing" if made is None else f"a {type(made).__name__}"


# --- What a function says of itself ----------------------------------------------------


def _makes_module(function: Any) -> bool | None:
    """Whether it returns a network, by its annotation or its text; None where neither says so."""
    inner = _inner(function)
    if inspect.isclass(inner):
        return issubclass(inner, nn.Module)
    annotation = _return_annotation(inner)
    if annotation is not inspect.Signature.empty:
        kinds = list(_classes(annotation))
        if any(issubclass(kind, nn.Module) for kind in kinds):
            return True
        if any(issubclass(kind, Tensor | bool | int | float | str) for kind in kinds):
            return False
        if annotation in (None, type(None)):
            return False
    code = _syntax(inner)
    if code is not None and _returns_class(code, inner):
        return True
    return None


def _inner(function: Any) -> Any:
    """What a partial, a wrapper or a bound method calls in the end."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.unwrap(function) if callable(function) else function


def _return_annotation(function: Any) -> Any:
    try:
        return get_type_hints(function).get("return", inspect.Signature.empty)
    except Exception:  # a name that is only there for type checkers
        written = getattr(function, "__annotations__", {}).get("return", inspect.Signature.empty)
        last = written.rpartition(".")[2] if isinstance(written, str) else written
        return {"Module": nn.Module, "Tensor": Tensor, "None": None}.get(
            last if isinstance(last, str) else "", inspect.Signature.empty
        )


def _classes(annotation: Any) -> Iterator[type]:
    """The classes in `Net`, `Net | None`, `tuple[Net, Net]`."""
    origin = typing.get_origin(annotation)
    if origin is None:
        if inspect.isclass(annotation):
            yield annotation
        elif isinstance(annotation, typing.TypeVar) and inspect.isclass(annotation.__bound__):
            yield annotation.__bound__
        return
    if origin in (typing.Union, types.UnionType, tuple, list, dict):
        for part in typing.get_args(annotation):
            yield from _classes(part)
    elif inspect.isclass(origin):
        yield origin


def _syntax(function: Any) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The definition of a function; None of a lambda, and where there is no source."""
    if not isinstance(function, types.FunctionType | types.MethodType):
        return None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, ValueError):
        return None
    (node,) = tree.body[:1] or (None,)
    return node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
        ):
            yield from _own(child)


def _returns_something(function: Any) -> bool:
    """Whether its text has a `return` of a value: a `main()` that trains has none."""
    code = _syntax(_inner(function))
    return code is None or any(
        isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and node.value.value is None)
        for node in _own(code)
    )


def _returns_class(code: ast.AST, function: Any) -> bool:
    """Whether each of its returns is a network that it made: `return Net(...)`, `return net`."""
    made: dict[str, list[ast.expr]] = {}
    returned: list[ast.expr] = []
    for node in _own(code):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            made.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.Return) and node.value is not None:
            returned.append(node.value)

    def is_network(value: ast.expr) -> bool:
        if isinstance(value, ast.Name):
            sources = made.get(value.id, [])
            return bool(sources) and any(
                not isinstance(source, ast.Name) and is_network(source) for source in sources
            )
        if not isinstance(value, ast.Call):
            return False
        called = _global(value.func, function)
        if inspect.isclass(called):
            return issubclass(called, nn.Module)
        if isinstance(called, types.FunctionType) and called is not function:
            kinds = list(_classes(_return_annotation(called)))
            return any(issubclass(kind, nn.Module) for kind in kinds)
        # `Net(...).to(device)`, `net.eval()`
        return isinstance(value.func, ast.Attribute) and value.func.attr in (
            "to", "cuda", "cpu", "eval", "train", "float", "double", "half", "requires_grad_", "apply",
        ) and is_network(value.func.value)  # fmt: skip

    return bool(returned) and all(is_network(value) for value in returned)


def _global(node: ast.expr, function: Any) -> Any:
    """The value of `Net` or `models.Net` among the function's globals; None where there is none."""
    if isinstance(node, ast.Name):
        return getattr(function, "__globals__", {}).get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _global(node.value, function)
        return getattr(owner, node.attr, None) if isinstance(owner, types.ModuleType) else None
    return None
