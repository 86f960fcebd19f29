"""Everything that changes while training, to one file and back, exactly.

`state` is a dict of networks, optimizers and schedules (anything with `state_dict` and
`load_state_dict`) and of tensors (persistent chains, counts, a value that a schedule writes),
nested where that reads better. Loading writes into the objects that are there: whoever holds a
reference to a tensor of `state` keeps a live one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn


def capture(state: Mapping[str, Any]) -> dict[str, Any]:
    """What `restore` needs to bring `state` back, as plain values that pickle without code.

    Raises:
        TypeError: an entry that is neither a tensor, a mapping, nor has a `state_dict`.
    """
    captured: dict[str, Any] = {}
    for name, value in state.items():
        if isinstance(value, Tensor):
            captured[name] = value.detach()
        elif isinstance(value, Mapping):
            captured[name] = capture(value)
        elif hasattr(value, "state_dict") and hasattr(value, "load_state_dict"):
            captured[name] = value.state_dict()
        else:
            raise TypeError(
                f"state[{name!r}] is a {type(value).__name__}: a run can save tensors, mappings of "
                "them, and objects with state_dict and load_state_dict"
            )
    return captured


def restore(state: Mapping[str, Any], captured: Mapping[str, Any]) -> None:
    """Write what `capture` returned back into `state`'s own objects.

    Raises:
        ValueError: the two have different entries or shapes.
    """
    if state.keys() != captured.keys():
        raise ValueError(
            f"the checkpoint holds {sorted(captured)}, this recipe's state has {sorted(state)}"
        )
    for name, value in state.items():
        if isinstance(value, Tensor):
            if value.shape != captured[name].shape:
                raise ValueError(f"state[{name!r}] has another shape in the checkpoint")
            with torch.no_grad():
                value.copy_(captured[name])
        elif isinstance(value, Mapping):
            restore(value, captured[name])
        else:
            value.load_state_dict(captured[name])


def modules(state: Mapping[str, Any]) -> Iterator[nn.Module]:
    """The networks in `state`."""
    for value in state.values():
        if isinstance(value, nn.Module):
            yield value
        elif isinstance(value, Mapping):
            yield from modules(value)
