"""Tensors and containers of tensors as plain JSON values."""

import math
from typing import Any

from torch import Tensor


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
