"""Save and restore exactly everything that changes while training.

`state` is a dict of networks, optimizers and schedules (anything with `state_dict` and
`load_state_dict`) and of tensors (persistent chains, counts, a value that a schedule writes),
possibly nested. Loading writes into the existing objects, so references to the tensors of `state`
stay valid.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn


def capture(state: Mapping[str, Any]) -> dict[str, Any]:
    """What `restore` needs, as plain values that `torch.load(weights_only=True)` accepts.

    Raises:
        TypeError: an entry is neither a tensor nor a mapping and has no `state_dict`.
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
                f"state[{name!r}] has type {type(value).__name__}; expected a tensor, a mapping of "
                "tensors, or an object with state_dict and load_state_dict"
            )
    return captured


def restore(state: Mapping[str, Any], captured: Mapping[str, Any]) -> None:
    """Write what `capture` returned into the objects of `state`.

    Raises:
        ValueError: the two have different entries, shapes or kinds of numbers.
    """
    if state.keys() != captured.keys():
        raise ValueError(
            f"the checkpoint holds {sorted(captured)}, but this recipe's state has {sorted(state)}"
        )
    for name, value in state.items():
        if isinstance(value, Tensor):
            _require_kind(f"state[{name!r}]", value, captured[name])
            if value.shape != captured[name].shape:
                saved, current = tuple(captured[name].shape), tuple(value.shape)
                raise ValueError(
                    f"state[{name!r}] has shape {saved} in the checkpoint, {current} in this recipe"
                )
            with torch.no_grad():
                value.copy_(captured[name])
        elif isinstance(value, Mapping):
            restore(value, captured[name])
        else:
            if isinstance(value, nn.Module):
                require_kinds(value, captured[name], f"state[{name!r}].")
            value.load_state_dict(captured[name])


def require_kinds(network: nn.Module, weights: Mapping[str, Any], prefix: str = "") -> None:
    """Refuse weights that torch would turn into other numbers, such as fractions into whole ones.

    Floats of another length are let through, as are entries that only one of the two has.

    Raises:
        ValueError: an entry holds another kind of numbers.
    """
    for name, value in network.state_dict().items():
        if isinstance(value, Tensor) and name in weights:
            _require_kind(f"{prefix}{name}", value, weights[name])


def _require_kind(name: str, ours: Tensor, saved: Any) -> None:
    if not isinstance(saved, Tensor):
        raise ValueError(f"{name} is a {type(saved).__name__}; expected a tensor")
    kinds = [(each.is_floating_point(), each.is_complex()) for each in (ours, saved)]
    if kinds[0] != kinds[1]:
        raise ValueError(f"{name} holds {saved.dtype}; expected {ours.dtype}")


def modules(state: Mapping[str, Any]) -> Iterator[nn.Module]:
    """The networks in `state`."""
    for value in state.values():
        if isinstance(value, nn.Module):
            yield value
        elif isinstance(value, Mapping):
            yield from modules(value)
