"""Lesson 1: a tensor's strides, and broadcasting two shapes."""

import re

import torch
from torch import Tensor

from torchcamp.base.wire import Answer, Reply, State
from torchcamp.widgets.broadcasting import Broadcasting
from torchcamp.widgets.strides import Strides

BEGIN = "torch.arange(6).view(2, 3)"
OPERATIONS = (
    ".view(3, 2)",
    ".permute(1, 0)",
    ".view(6)",
    ".reshape(6)",
    "[:, 1:]",
    "[:1].expand(3, -1)",
    " + 10",
    ".contiguous()",
)
MAX_SIZE = 6  # the longest axis that is drawn
MAX_AXES = 5


def strides() -> Strides:
    """Operations on a tensor of six numbers, and which of them copy memory."""
    return Strides(answer=_follow, state={"operations": []}, setup={"operations": list(OPERATIONS)})


def _follow(state: State) -> Answer:
    """Apply the operations in order; PyTorch may refuse the last."""
    x = torch.arange(6).view(2, 3)
    codes = [code for code in state["operations"] if code in OPERATIONS]
    memories: list[Reply] = []
    pointers: list[int] = []
    steps, refused, kept = [], None, [x]
    origin: dict[int, list[int]] = {}  # which of the six numbers each cell holds
    for number, code in enumerate(["", *codes]):
        before = x
        if code:
            try:
                x = eval(f"x{code}", {"x": x})
            except (RuntimeError, IndexError) as error:
                refused = str(error).splitlines()[0]
                break
            kept.append(x)
        pointer = x.untyped_storage().data_ptr()
        if pointer not in pointers:
            pointers.append(pointer)
            values = torch.empty(0, dtype=x.dtype).set_(x.untyped_storage()).tolist()
            first = values if not number else _origins(before, x, origin)
            origin[pointer] = first
            memories.append({"values": values, "first": first})
        steps.append(
            {
                "code": f"x = {BEGIN}" if not number else f"x = x{code}",
                "shape": list(x.shape),
                "strides": list(x.stride()),
                "offset": x.storage_offset(),
                "contiguous": x.is_contiguous(),
                "memory": pointers.index(pointer),
                "copied": pointer != before.untyped_storage().data_ptr(),
                "cells": list(zip(x.flatten().tolist(), _addresses(x), strict=True)),
            }
        )
    return {"steps": steps, "memories": memories, "refused": refused}, []


def _addresses(x: Tensor) -> list[int]:
    """Each element's cell in memory, in the order of the elements."""
    cells = torch.full(x.shape, int(x.storage_offset()))
    for axis, (size, stride) in enumerate(zip(x.shape, x.stride(), strict=True)):
        view = [1] * x.dim()
        view[axis] = size
        cells = cells + stride * torch.arange(size).view(view)
    return cells.flatten().tolist()


def _origins(before: Tensor, after: Tensor, origin: dict[int, list[int]]) -> list[int]:
    """For newly allocated memory: which of the six numbers each cell was computed from."""
    old = origin[before.untyped_storage().data_ptr()]
    sources = [old[cell] for cell in _addresses(before)]
    origins = [0] * (after.untyped_storage().nbytes() // after.element_size())
    for cell, source in zip(_addresses(after), sources, strict=True):
        origins[cell] = source
    return origins


def broadcasting() -> Broadcasting:
    """Two shapes, broadcast step by step."""
    pairs = [["(4, 1)", "(3,)"], ["(4,)", "(4, 1)"], ["(2, 3)", "(2,)"], ["(8, 1, 6)", "(5, 1)"]]
    return Broadcasting(
        answer=_broadcast, state={"a": pairs[0][0], "b": pairs[0][1]}, setup={"pairs": pairs}
    )


def _shape(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\s*\(?\s*(\d+\s*(,\s*\d+\s*)*,?)?\s*\)?\s*", text):
        raise ValueError
    shape = tuple(int(part) for part in re.findall(r"\d+", text))
    if len(shape) > MAX_AXES or any(not 1 <= size <= 999 for size in shape):
        raise ValueError
    return shape


def _broadcast(state: State) -> Answer:
    try:
        a, b = _shape(state["a"]), _shape(state["b"])
    except ValueError:
        message = (
            f"Write a shape as in Python, such as (4, 1): up to {MAX_AXES} sizes from 1 to 999."
        )
        return {"error": message}, []
    width = max(len(a), len(b))
    axes = []
    for axis in range(-width, 0):
        one = a[axis] if -axis <= len(a) else None
        other = b[axis] if -axis <= len(b) else None
        sizes = {one or 1, other or 1} - {1}
        axes.append(
            {"a": one, "b": other, "clash": len(sizes) > 1, "result": max(sizes, default=1)}
        )
    try:
        result = torch.broadcast_shapes(a, b)
    except RuntimeError:
        return {"axes": axes, "refused": _refusal(a, b), "result": None}, []
    reply: Reply = {"axes": axes, "result": list(result), "refused": None}
    if width <= 2 and all(size <= MAX_SIZE for size in result):
        reply["pictures"] = _pictures(a, b)
    return reply, []


def _refusal(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """PyTorch's error message for adding tensors of these shapes."""
    try:
        torch.add(torch.empty(1).expand(a), torch.empty(1).expand(b))
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return ""


def _pictures(a: tuple[int, ...], b: tuple[int, ...]) -> list[Reply]:
    """a and b, expanded, and their sum, with numbers."""
    one = torch.arange(1, 1 + torch.Size(a).numel()).view(a) * 10
    other = torch.arange(1, 1 + torch.Size(b).numel()).view(b)
    pictures = []
    for name, tensor in (("a", one), ("b", other), ("a + b", one + other)):
        full = torch.broadcast_to(tensor, torch.broadcast_shapes(a, b))
        rows, columns = (1, 1, *full.shape)[-2:]
        own = (1, 1, *tensor.shape)[-2:]
        values = full.flatten().tolist()
        pictures.append(
            {
                "name": name,
                "rows": rows,
                "columns": columns,
                "values": values,
                "ownShape": list(own),
            }
        )
    return pictures
