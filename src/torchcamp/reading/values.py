"""The tensors inside a value: what to call them and what their shapes are."""

import dataclasses
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

MAX_LEAVES, MAX_DEPTH = 16, 4  # tensors shown of one container, and how deep they may lie

Shape = tuple[tuple[int, ...], str, str]  # sizes, dtype, device


RAGGED: Any = "*"  # in place of a size, where the rows of a tensor differ in it


def sizes_of(tensor: Tensor) -> tuple[int, ...]:
    """The shape in plain numbers; `*` for a side of a nested tensor that has no one size."""
    return tuple(_size(tensor, side) for side in range(tensor.dim()))


def _size(tensor: Tensor, side: int) -> int:
    try:
        size: Any = tensor.size(side)
        known = size if type(size) is int else size.node.maybe_as_int()
    except (AttributeError, NotImplementedError, RuntimeError):  # a nested tensor has none
        return RAGGED
    return RAGGED if known is None else known


def shape_of(tensor: Tensor) -> Shape:
    return sizes_of(tensor), str(tensor.dtype).removeprefix("torch."), str(tensor.device)


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
            parts = [(f"{name}[{index}]", inner) for index, inner in enumerate(value)]
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


def count_leaves(counts: dict[str, Counter[Shape]], name: str, value: Any) -> None:
    """Add the shapes of the first `MAX_LEAVES` tensors in `value` to `counts`."""
    for number, (leaf, tensor) in enumerate(leaves(name, value)):
        if number == MAX_LEAVES:
            break
        counts.setdefault(leaf, Counter())[shape_of(tensor)] += 1


def look_up(name: str, variables: Mapping[str, Any]) -> Any:
    """The value of a name, or of a dotted one such as `self.state`; None where it has none.

    Attributes are taken from where they are stored, so that no property of the user's runs.
    """
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


def version_of(tensor: Tensor) -> int:
    """How often the tensor was changed in place."""
    try:
        return tensor._version
    except RuntimeError:  # an inference tensor keeps no count
        return 0


def storage_of(tensor: Tensor) -> int | None:
    """An id shared by tensors that share memory; None for those without a single block of it."""
    try:
        return tensor.untyped_storage()._cdata
    except (NotImplementedError, RuntimeError):
        return None
