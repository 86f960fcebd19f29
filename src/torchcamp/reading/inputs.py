"""The inputs that a target is called with: given as `--input`, made by its file, or guessed.

    [NAME=][DTYPE:]SHAPE[:HIGH]     2x3x32x32, tokens=int64:2x16:65, flag=bool:4, n=int:3, scale=float:0.5
    [NAME=]EXPRESSION               mask=None, 'adj=torch.eye(4).to_sparse()'

A tensor's numbers are drawn with a fixed seed: floats from N(0, 1), whole numbers below HIGH. A shape
without a dtype is what the signature says, by annotation or default: `img_size=64` an int or a float,
`size=8x8` a tuple, `ids=2x16` whole numbers for a LongTensor; else it is a tensor.
"""

import ast
import copy
import dataclasses
import functools
import inspect
import math
import re
import shlex
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_type_hints

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parameter import is_lazy

from torchcamp.base.errors import ReadError, suggest
from torchcamp.reading.architectures import input_specs
from torchcamp.reading.networks import parameters_of, parts_of
from torchcamp.reading.passes import fresh

SPEC = re.compile(r"(?:(?P<dtype>[a-z]+\d*):)?(?P<shape>\d+(?:x\d+)*|\(\))(?::(?P<high>\d+))?")
WHOLE = ("int8", "int16", "int32", "int64", "uint8", "long")
DTYPES = (*WHOLE, "float16", "bfloat16", "float32", "float64", "float", "bool", "complex64")
SEED = 0
NAMES = {"torch": torch, "nn": nn, "F": F, "np": np, "math": math, "types": types}


@dataclasses.dataclass(frozen=True)
class Bare:
    """`--input size=64x64`, without a dtype: a tensor of that shape, or what the signature wants."""

    sizes: tuple[int, ...]

    def tensor(self) -> Tensor:
        return make_tensor(self.sizes)


@dataclasses.dataclass(kw_only=True)
class Inputs:
    """What the target is called with.

    Attributes:
        how: where it came from: "given", "made by make_input()", "guessed (2, 784): ...".
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    guessed: bool = False
    how: str = ""


def split_input(spec: str) -> tuple[str, str]:
    """`mask=torch.eye(3)` -> ("mask", "torch.eye(3)"); the name is "" where there is none."""
    name, separator, rest = spec.partition("=")
    if not separator or not name.strip().isidentifier():
        name, rest = "", spec
    return name.strip(), rest.strip()


def parse_input(spec: str, namespace: Mapping[str, Any]) -> tuple[str, Any]:
    """`tokens=int64:2x16:65` -> ("tokens", a tensor); the name is "" where there is none.

    A shape alone is a `Bare` until `find_inputs` knows the signature.

    Raises:
        ReadError: neither a shape nor an expression that can be evaluated.
    """
    name, rest = split_input(spec)
    if rest.startswith(("int:", "float:")) and "x" not in rest:
        kind, _, number = rest.partition(":")
        if kind == "int" and re.fullmatch(r"-?\d+", number):
            return name, int(number)
        if kind == "float" and re.fullmatch(r"-?\d+\.\d*(?:e-?\d+)?", number):
            return name, float(number)
    match = SPEC.fullmatch(rest)
    if match:
        dtype = match["dtype"] or ("int64" if match["high"] else "float32")
        if dtype not in DTYPES:
            raise ReadError(f"--input {spec}: unknown dtype {dtype!r}. {suggest(dtype, DTYPES)}")
        text = match["shape"]
        shape = () if text == "()" else tuple(int(size) for size in text.split("x"))
        if shape and not match["dtype"] and not match["high"]:
            return name, Bare(shape)
        return name, make_tensor(shape, dtype, int(match["high"] or 2))
    return name, evaluate(rest, namespace, f"--input {spec}")


def make_tensor(shape: Sequence[int], dtype: str = "float32", high: int = 2) -> Tensor:
    """A tensor of seeded numbers: floats from N(0, 1), whole numbers below `high`, or booleans."""
    generator = torch.Generator().manual_seed(SEED)
    kind = getattr(torch, dtype)
    if dtype in WHOLE or dtype == "bool":
        return torch.randint(0, high, tuple(shape), generator=generator).to(kind)
    return torch.randn(tuple(shape), generator=generator).to(kind)


def evaluate(expression: str, namespace: Mapping[str, Any], where: str) -> Any:
    """A Python expression among the target's names, and torch, nn, F, np, math and types.

    Raises:
        ReadError: it raised an exception; `where` is what was typed.
    """
    try:
        return eval(expression, {**NAMES, **namespace})
    except Exception as error:
        raise ReadError(f"{where}: {type(error).__name__}: {_first_line(error)}") from error


def parse_args(text: str) -> dict[str, str]:
    """`d_model=16, nhead=2` -> expressions by name.

    Raises:
        ReadError: it is not a list of keyword arguments.
    """
    try:
        call = ast.parse(f"f({text})", mode="eval").body
    except SyntaxError as error:
        raise ReadError(f"--args {text!r}: not of the form a=1, b=2") from error
    assert isinstance(call, ast.Call)
    if call.args or any(keyword.arg is None for keyword in call.keywords):
        raise ReadError(f"--args {text!r}: each argument needs its name: a=1, b=2")
    return {str(keyword.arg): ast.unparse(keyword.value) for keyword in call.keywords}


# --- Building a module -----------------------------------------------------------------


def build(make: Callable[..., Any], given: Mapping[str, Any], target: str) -> tuple[Any, list[str]]:
    """What a class or function makes, and the arguments that were guessed: `config = Config()`.

    A missing argument is built where its annotation is a dataclass with a default for every field.

    Raises:
        ReadError: arguments are missing or the constructor fails; says what to type.
    """
    arguments, guesses = dict(given), []
    signature = inspect.signature(make)
    name_of_it = getattr(make, "__name__", None) or getattr(_innermost(make), "__name__", "it")
    try:
        hints = get_type_hints(make.__init__ if inspect.isclass(make) else _innermost(make))
    except Exception:
        hints = {}
    missing = []
    for name in required(signature):
        if name in arguments:
            continue
        annotation = hints.get(name)
        if name == "config" and inspect.isclass(make):  # a model of transformers names its class
            annotation = getattr(make, "config_class", None) or annotation
        if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
            try:
                arguments[name] = annotation()
            except TypeError:
                missing.append(name)
                continue
            guesses.append(f"{name} = {annotation.__name__}()")
        else:
            missing.append(name)
    if missing:
        wanted = ", ".join([*(f"{n}={_source(v)}" for n, v in given.items()), *_asked(missing)])
        command = f"torchcamp read {shlex.quote(target)} --args {shlex.quote(wanted)}"
        raise ReadError(f"{name_of_it} needs {_listed(missing)}; for example: {command}")
    torch.manual_seed(SEED)
    try:
        return make(**arguments), guesses
    except Exception as error:
        typed = ", ".join(f"{n}={_source(v)}" for n, v in arguments.items())
        raise ReadError(
            f"{name_of_it}({typed}) failed: {type(error).__name__}: {_first_line(error)}"
        ) from error


def _innermost(make: Any) -> Any:
    """What a partial calls."""
    while isinstance(make, functools.partial):
        make = make.func
    return make


def required(signature: inspect.Signature) -> list[str]:
    """The parameters without a default."""
    return [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]


def _asked(names: list[str]) -> list[str]:
    return [f"{name}=..." for name in names]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def _source(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else type(value).__name__


# --- Its inputs ------------------------------------------------------------------------


def find_inputs(
    call: Callable[..., Any], given: Sequence[tuple[str, Any]], namespace: Mapping[str, Any],
    target: str, extra: Mapping[str, Any] | None = None, options: str = "",
) -> Inputs:  # fmt: skip
    """What to call it with: what was given, else what `make_input()` makes, else a guess.

    Args:
        given: names and values of `--input`; those without a name in the order of the parameters.
        extra: keyword arguments of a function that came as `--args`.
        options: those of the command that was typed, repeated in the command that an error offers.

    Raises:
        ReadError: an input is missing or does not fit; says what to type.
    """
    extra = dict(extra or {})
    forward = call.forward if isinstance(call, nn.Module) else call
    try:
        signature = inspect.signature(forward)
    except (TypeError, ValueError):
        signature = inspect.Signature()
    if given:
        given = _settled(given, signature, _hints(forward))
        args = tuple(value for name, value in given if not name)
        kwargs = {name: value for name, value in given if name} | extra
        _check(signature, args, kwargs, target, options)
        return Inputs(args=args, kwargs=kwargs, how="given")
    if callable(namespace.get("make_input")):
        torch.manual_seed(SEED)
        try:
            made = namespace["make_input"]()
        except Exception as error:
            raise ReadError(f"make_input() failed: {type(error).__name__}: {error}") from error
        names = set(signature.parameters)
        if isinstance(made, dict) and made and set(made) <= names:
            return Inputs(kwargs=made | extra, how="made by make_input()")
        args = made if isinstance(made, tuple) and not hasattr(made, "_fields") else (made,)
        return Inputs(args=args, kwargs=extra, how="made by make_input()")
    missing = [name for name in required(signature) if name not in extra]
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    if not missing and inspect.Parameter.VAR_POSITIONAL in kinds and isinstance(call, nn.Module):
        missing = ["its inputs"]  # forward(*inputs)
    if isinstance(call, nn.Module):
        for kwargs in _of_an_architecture(call):
            if set(missing) <= set(kwargs) and _accepts(call, (), kwargs | extra):
                shapes = ", ".join(f"{name} {tuple(value.shape)}" for name, value in kwargs.items())
                how = f"guessed {shapes}: sizes of its config"
                return Inputs(kwargs=kwargs | extra, guessed=True, how=how)
    if not missing:
        return Inputs(kwargs=extra, how="none needed")
    if len(missing) == 1 and isinstance(call, nn.Module):
        return _guess(call, missing[0], extra, target, options)
    raise ReadError(
        f"{_name(call)} takes {_listed(missing)}; give their shapes, for example: "
        + _command(target, options, [f"{name}=2x16" for name in missing])
    )


def _settled(
    given: Sequence[tuple[str, Any]], signature: inspect.Signature, hints: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """Shapes that came without a dtype as what the signature says that they are."""
    order = iter(signature.parameters.values())
    settled = []
    for name, value in given:
        parameter = signature.parameters.get(name) if name else next(order, None)
        if isinstance(value, Bare):
            kinds = set() if parameter is None else _kinds(parameter, hints)
            value = _as_wanted(value, kinds)
        settled.append((name, value))
    return settled


def _as_wanted(value: Bare, kinds: set[Any]) -> Any:
    """A number or a tuple of whole ones where only such are wanted, else a tensor."""
    for legacy, dtype in LEGACY.items():
        if legacy in kinds:
            return make_tensor(value.sizes, dtype)
    if Tensor in kinds:
        return value.tensor()
    if len(value.sizes) == 1:
        for kind in (int, float, bool):
            if kind in kinds:
                return kind(value.sizes[0])
    for kind in (tuple, list):
        if kind in kinds:
            return kind(value.sizes)
    return value.tensor()


def _kinds(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> set[Any]:
    """The types in its annotation or, without one, that of its default."""
    if parameter.annotation is not parameter.empty:
        return set(_leaf_types(hints.get(parameter.name, parameter.annotation)))
    if parameter.default is parameter.empty or parameter.default is None:
        return set()
    numbers = parameter.default if isinstance(parameter.default, tuple | list) else ()
    if numbers or not isinstance(parameter.default, tuple | list):
        return {type(parameter.default)} if all(isinstance(n, int) for n in numbers) else set()
    return set()


def _leaf_types(annotation: Any) -> Iterator[Any]:
    """The types in `int | None`, `Optional[tuple[int, int]]`, `"float"`."""
    if isinstance(annotation, str):  # a name in it is unknown here
        yield from (KINDS[word] for word in re.findall(r"\w+", annotation) if word in KINDS)
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _leaf_types(part)
    else:
        yield typing.get_origin(annotation) or annotation


LEGACY = {torch.LongTensor: "int64", torch.IntTensor: "int32", torch.BoolTensor: "bool"}
KINDS: dict[str, Any] = {
    "int": int, "float": float, "bool": bool, "tuple": tuple, "Tuple": tuple, "list": list,
    "List": list, "Tensor": Tensor, "LongTensor": torch.LongTensor, "IntTensor": torch.IntTensor,
    "BoolTensor": torch.BoolTensor,
}  # fmt: skip


def _hints(function: Any) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except Exception:  # a name that is only there for type checkers
        return {}


def _check(
    signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any], target: str,
    options: str,
) -> None:  # fmt: skip
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        bound = [name for name in required(signature) if name not in kwargs][len(args) :]
        if bound:
            raise ReadError(
                f"{_listed(bound)} {'is' if len(bound) == 1 else 'are'} missing; for example: "
                + _command(target, options, [f"--input {name}=2x16" for name in bound], add=True)
            ) from error
        raise ReadError(f"the inputs do not fit: {error}") from error


def _command(target: str, options: str, specs: list[str], add: bool = False) -> str:
    if add:
        return f"add {' '.join(specs)}"
    inputs = " ".join(f"--input {shlex.quote(spec)}" for spec in specs)
    return f"torchcamp read {shlex.quote(target)}{options} {inputs}"


def _name(call: Any) -> str:
    return type(call).__name__ if isinstance(call, nn.Module) else getattr(call, "__name__", "it")


def _guess(
    module: nn.Module, name: str, extra: Mapping[str, Any], target: str, options: str
) -> Inputs:
    """The first candidate that the module accepts."""
    kind = next((p.dtype for p in parameters_of(module) if p.is_floating_point()), None)
    for tensor, why in candidates(module):
        if kind is not None and tensor.is_floating_point():
            tensor = tensor.to(kind)
        if not _accepts(module, (tensor,), extra):
            continue
        how = f"guessed {tuple(tensor.shape)}: {why}"
        return Inputs(args=(tensor,), kwargs=extra, guessed=True, how=how)
    raise ReadError(
        f"{type(module).__name__} accepted none of the guesses for {name}; give its shape, for example: "
        + _command(target, options, [f"{name}=2x3x32x32"])
    )


def _of_an_architecture(module: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Inputs to try on a model of transformers: those of its config, then its own suggestion."""
    for specs in input_specs(module):
        yield {name: make_tensor(*spec) for name, spec in specs.items()}
    dummies = getattr(module, "dummy_inputs", None)
    if isinstance(dummies, dict) and all(isinstance(each, Tensor) for each in dummies.values()):
        yield dict(dummies)


def _accepts(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a copy of the module runs on these inputs."""
    try:
        trial = copy.deepcopy(module)
    except Exception:
        trial = module
    state = torch.get_rng_state()
    try:
        with torch.no_grad():
            trial(*fresh(args), **fresh(dict(kwargs)))
    except Exception:
        return False
    finally:
        torch.set_rng_state(state)
    return True


def candidates(module: nn.Module) -> list[tuple[Tensor, str]]:
    """Inputs to try, the most likely first, each with the reason."""
    tensors = _for_first_layer(module)
    first = next((p for p in parameters_of(module) if not is_lazy(p)), None)
    if first is not None and first.dim() >= 1:
        n = first.shape[1] if first.dim() > 1 else first.shape[0]
        why = f"its first parameter has shape {tuple(first.shape)}"
        images = [(2, n, 32, 32), (2, n, 16)]
        rows = [(2, n), (2, 16, n)]
        shapes = images + rows if first.dim() > 2 else rows + images
        tensors += [(make_tensor(shape), why) for shape in shapes]
    why = "its first layer says nothing; this is what images and rows look like"
    tensors += [
        (make_tensor(shape), why)
        for shape in ((2, 16), (2, 3, 32, 32), (2, 1, 28, 28), (2, 16, 16), (16,))
    ]
    return tensors


def _for_first_layer(module: nn.Module) -> list[tuple[Tensor, str]]:
    """Inputs for the first layer whose kind is known; empty if no layer is."""
    for layer in parts_of(module):
        shapes, wants = _shapes_for(layer)
        if not shapes:
            continue
        dtype, high = "float32", 2
        if isinstance(layer, nn.Embedding):
            embeddings = [part for part in parts_of(module) if isinstance(part, nn.Embedding)]
            dtype, high = "int64", min(part.num_embeddings for part in embeddings)
            wants = f"whole numbers below {high}"
        why = f"its first layer, {type(layer).__name__}, wants {wants}"
        return [(make_tensor(shape, dtype, high), why) for shape in shapes]
    return []


def _shapes_for(layer: nn.Module) -> tuple[list[tuple[int, ...]], str]:
    """Shapes that a layer takes, the most likely first, and what it wants in words."""
    match layer:
        case nn.MultiheadAttention():
            n = layer.embed_dim
            return [(2, 16, n), (16, 2, n)], f"{n} features"
        case nn.Embedding():
            return [(2, 16), (16,), (2,)], "whole numbers"
        case nn.ConvTranspose2d():
            c = layer.in_channels
            return [(2, c, 1, 1), (2, c), (2, c, 4, 4), (2, c, 32, 32)], _channels(c)
        case nn.Conv2d():
            c = layer.in_channels
            return [(2, c, size, size) for size in (32, 28, 64, 224)], _channels(c)
        case nn.Conv1d() | nn.ConvTranspose1d():
            c = layer.in_channels
            return [(2, c, 64), (2, c, 1024)], _channels(c)
        case nn.Conv3d():
            return [(2, layer.in_channels, 16, 32, 32)], _channels(layer.in_channels)
        case nn.RNNBase():
            n = layer.input_size
            return [(2, 16, n), (2, n)], f"{n} features"
        case nn.Linear():
            n = layer.in_features
            rows = [(2, n), (2, 16, n)]
            side = round((n / 3) ** 0.5)
            if n == 784:
                return [(2, 1, 28, 28), *rows], f"{n} features"
            if n == 3 * side * side:
                return [(2, 3, side, side), *rows], f"{n} features"
            return rows, f"{n} features"
        case nn.BatchNorm1d():
            n = layer.num_features
            return [(2, n), (2, n, 16)], f"{n} features"
        case nn.BatchNorm2d():
            return [(2, layer.num_features, 16, 16)], _channels(layer.num_features)
        case nn.GroupNorm():
            return [(2, layer.num_channels, 16, 16)], _channels(layer.num_channels)
        case nn.LayerNorm():
            return [(2, 16, *layer.normalized_shape)], f"{tuple(layer.normalized_shape)} features"
    return [], ""


def _channels(number: int) -> str:
    return f"{number} channel{'s' * (number != 1)}"
