"""Lesson 1: strides and broadcasting are PyTorch's own."""

from typing import Any

import pytest
import torch

from torchcamp.figures import tensors


def follow(*operations: str) -> dict[str, Any]:
    return tensors._follow({"operations": list(operations)})[0]


def test_permute_moves_nothing_and_plus_fills_new_memory():
    steps = follow(".permute(1, 0)", " + 10")["steps"]
    assert [s["copied"] for s in steps] == [False, False, True]
    assert steps[1]["strides"] == [1, 3]
    assert [value for value, _ in steps[1]["cells"]] == [0, 3, 1, 4, 2, 5]
    assert [address for _, address in steps[1]["cells"]] == [0, 3, 1, 4, 2, 5]


def test_every_cell_is_where_the_figure_says():
    reply = follow("[:, 1:]", ".permute(1, 0)")
    last = reply["steps"][-1]
    memory = reply["memories"][last["memory"]]["values"]
    assert all(memory[address] == value for value, address in last["cells"])
    assert last["offset"] == 1


def test_expand_reads_the_same_cells_again():
    last = follow("[:1].expand(3, -1)")["steps"][-1]
    assert last["strides"] == [0, 1]
    assert [address for _, address in last["cells"]] == [0, 1, 2] * 3


def test_a_refusal_is_pytorchs_own_and_changes_nothing():
    reply = follow(".permute(1, 0)", ".view(6)")
    assert "view size is not compatible" in reply["refused"]
    assert len(reply["steps"]) == 2


def test_only_known_operations_run():
    assert len(follow(".__class__", "; import os")["steps"]) == 1


@pytest.mark.parametrize(
    ("a", "b"), [("(4, 1)", "(3,)"), ("()", "(2, 3)"), ("(8, 1, 6)", "(5, 1)"), ("2,3", "(3)")]
)
def test_broadcasting_as_pytorch_does(a: str, b: str):
    reply, _ = tensors._broadcast({"a": a, "b": b})
    one, other = (torch.zeros(tensors._shape(text)) for text in (a, b))
    assert reply["result"] == list((one + other).shape)
    assert [axis["result"] for axis in reply["axes"]] == list((one + other).shape)


def test_shapes_that_do_not_fit():
    reply, _ = tensors._broadcast({"a": "(2, 3)", "b": "(2,)"})
    assert reply["result"] is None
    assert "must match the size" in reply["refused"]
    assert [axis["clash"] for axis in reply["axes"]] == [False, True]
    for text in ("(2, x)", "(0, 2)", "(1,2,3,4,5,6)", "__import__('os')"):
        assert "error" in tensors._broadcast({"a": text, "b": "(2,)"})[0]
