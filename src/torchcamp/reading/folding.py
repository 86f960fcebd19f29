"""Names that differ only in a number, as one: `h.*.weight` for `h.0.weight` to `h.11.weight`."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import TypeVar

from torchcamp.reading.reading import Layer, Value

T = TypeVar("T", bound=Hashable)
FEW = 4  # names that are listed one by one
_NUMBER = re.compile(r"(?<![^.\s])(\d+)(?![^.\s])")  # a whole part of a dotted name


def _groups(named: Iterable[tuple[str, Hashable]]) -> list[tuple[str, list[int]]]:
    """Names that differ only in numbers, and whose second entry is equal, with their positions.

    Numbers that are the same in all of them stay.
    """
    groups: dict[tuple[Hashable, ...], list[tuple[int, list[str]]]] = {}
    for position, (name, kind) in enumerate(named):
        parts = _NUMBER.split(name)  # every second one is a number
        groups.setdefault((*parts[::2], kind), []).append((position, parts))
    folded = []
    for members in groups.values():
        each = [set(values) for values in zip(*(parts for _, parts in members), strict=True)]
        name = "".join(values.pop() if len(values) == 1 else "*" for values in each)
        folded.append((name, [position for position, _ in members]))
    return folded


def fold_names(names: list[str]) -> list[str]:
    """`h.*.weight ×12`; a few names stay as they are."""
    if len(names) <= FEW:
        return names
    return [
        f"{name} ×{len(members)}" if len(members) > 1 else name
        for name, members in _groups((name, None) for name in names)
    ]


def fold_pairs(named: list[tuple[str, T]]) -> list[tuple[str, int, T]]:
    """Names that differ only in numbers and go with equal values: the name, how many, the value."""
    return [(name, len(members), named[members[0]][1]) for name, members in _groups(named)]


def fold_layers(layers: list[Layer]) -> list[Layer]:
    """Equal layers of equal blocks as one: `h.*.mlp.0`, with the sums of what they did."""
    folded = []
    for path, members in _groups((layer.path, (layer.layer, _shapes(layer))) for layer in layers):
        same = [layers[position] for position in members]
        counts = [
            sum(each) for each in zip(*([v.count for v in o.values] for o in same), strict=True)
        ]
        folded.append(
            replace(
                same[0],
                path=path,
                calls=sum(layer.calls for layer in same),
                values=[replace(v, count=n) for v, n in zip(same[0].values, counts, strict=True)],
                params=[name for layer in same for name in layer.params],
                flops_forward=sum(layer.flops_forward for layer in same),
                flops_backward=sum(layer.flops_backward for layer in same),
                seconds_share=sum(layer.seconds_share for layer in same),
                saved_bytes=sum(layer.saved_bytes for layer in same),
                nodes=sum(layer.nodes for layer in same),
            )
        )
    return folded


def _shapes(layer: Layer) -> tuple[Value, ...]:
    return tuple(replace(value, count=0) for value in layer.values)
