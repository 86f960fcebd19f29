"""Containers of tensors: the tensors in them, and all of it as plain JSON values."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from types import SimpleNamespace
from typing import Any

from torch import Tensor


def tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in arguments, outputs or a checkpoint, however they are nested."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from tensors(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from tensors(each)
    elif isinstance(value, SimpleNamespace) or is_dataclass(value):
        yield from tensors(vars(value))


def plain(value: Any) -> Any:
    """Tensors and tuples as lists; nan and infinity, which JSON cannot represent, as strings.

    A tensor becomes {"shape": [...], "values": nested lists of floats}; anything that is not data,
    such as a module, becomes "a CLASS".
    """
    if isinstance(value, Tensor):
        return {"shape": list(value.shape), "values": plain(value.detach().double().tolist())}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) else str(float(value))
    return f"a {type(value).__name__}"
