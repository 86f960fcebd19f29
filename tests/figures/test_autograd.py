"""Lesson 4: what typed lines put on the tape."""

from typing import Any

import pytest
import torch

from torchcamp.course.judge.client import Judge
from torchcamp.figures import autograd
from torchcamp.figures.autograd_graph import tape_of


def test_a_value_used_twice_receives_two():
    tape = tape_of("a = torch.tensor(1.0, requires_grad=True)\nb = a + a\nc = b * b")
    by_name = {node["names"][0]: node for node in tape["nodes"]}
    assert (by_name["a"]["grad"], by_name["b"]["grad"], by_name["c"]["grad"]) == ("8", "4", "1")
    into_a = [edge["grad"] for edge in tape["edges"] if edge["to"] == by_name["a"]["id"]]
    assert into_a == ["4", "4"]
    assert sorted(node["turn"] for node in tape["nodes"]) == [0, 1, 2]
    assert by_name["c"]["turn"] == 0
    assert (by_name["b"]["line"], by_name["c"]["line"]) == (2, 3)


@pytest.mark.parametrize(("title", "code"), autograd.EXAMPLES)
def test_the_examples_have_the_gradients_of_autograd(title: str, code: str):
    tape = tape_of(code)
    namespace: dict[str, Any] = {"torch": torch}
    exec(code, namespace)
    last = list(namespace.values())[-1]
    last.backward()
    for node in tape["nodes"]:
        if node["title"] == "leaf":
            leaf = namespace[node["names"][0]]
            from torchcamp.figures.autograd_graph import write

            assert node["grad"] == write(leaf.grad), title


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = (", "Python cannot read line 1"),
        ("x = torch.tensor(1.0)\ny = x * 2", "Nothing is on the tape"),
        ("a = torch.ones(2, requires_grad=True)\nb = a * 2", "backward() needs a single number"),
        ("a = torch.ones(2)\nb = a @ torch.ones(3)", "Line 2 raised RuntimeError"),
        ("1 / 0", "Line 1 raised ZeroDivisionError"),
        (
            "a = torch.tensor(1.0, requires_grad=True)\nfor i in range(60):\n    a = a * 1.01\na",
            "this figure can draw at most 48",
        ),
    ],
)
def test_what_cannot_be_taped_is_said(code: str, message: str):
    assert message in tape_of(code)["error"]


def test_typed_lines_run_in_the_judges_child():
    """An endless loop ends, and the judge lives on."""
    with Judge() as judge:
        figure = autograd.tape(judge)
        reply, _ = figure._answer({"code": "while True:\n    pass"})
        assert "did not end within" in reply["error"]
        reply, _ = figure._answer({"code": "import os\nos._exit(3)"})
        assert "exit code 3" in reply["error"]
        reply, _ = figure._answer({"code": autograd.EXAMPLES[0][1]})
        assert len(reply["nodes"]) == 3
