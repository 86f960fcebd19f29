"""Nested and jagged tensors, subclasses, and other tensors that are not a block of numbers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from jsonschema import Draft202012Validator
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "reading.schema.json").read_text())
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # torch's, on prototypes


class Named(Tensor):
    """A subclass without a say of its own."""


class Speaking(Tensor):
    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return super().__torch_function__(func, types, args, kwargs or {})


class Wrapping(Tensor):
    """Holds another tensor, and takes operations apart itself."""

    held: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor) -> "Wrapping":
        return Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)  # type: ignore[attr-defined]

    def __init__(self, inner: Tensor) -> None:
        self.held = inner

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        def bare(value: Any) -> Any:
            return value.held if isinstance(value, Wrapping) else value

        out = func(*tree_map(bare, args), **tree_map(bare, kwargs or {}))
        return tree_map(lambda value: cls(value) if isinstance(value, Tensor) else value, out)


def nested(layout: torch.layout) -> Tensor:
    torch.manual_seed(0)
    return torch.nested.nested_tensor([torch.randn(2, 4), torch.randn(3, 4)], layout=layout)


linear = nn.Linear(4, 2)
CASES: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[], Tensor], Any, int | None]] = {
    "subclass": (linear, lambda: torch.ones(3, 4).as_subclass(Named), (3, 2), 48),
    "with a function": (linear, lambda: torch.ones(3, 4).as_subclass(Speaking), (3, 2), 48),
    "wrapper": (linear, lambda: Wrapping(torch.ones(3, 4)), (3, 2), 48),
    "jagged": (linear, lambda: nested(torch.jagged), (2, "*", 2), 5 * 16),
    "jagged inside": (
        lambda x: linear(nested(torch.jagged)).values(), lambda: torch.ones(1), (5, 2), 80,
    ),
    "nested": (linear, lambda: nested(torch.strided), (2, "*", 2), 5 * 16),
    "padded": (
        lambda x: torch.nested.to_padded_tensor(linear(nested(torch.strided)), 0.0),
        lambda: torch.ones(1), (2, 3, 2), 80,
    ),
    "masked": (
        lambda x: torch.masked.masked_tensor(x, x > 0) * 2, lambda: torch.ones(3, 4), (3, 4), 0,
    ),
    "compressed": (lambda x: x.to_sparse_csr() @ torch.ones(4, 2), lambda: torch.ones(3, 4), (3, 2), 48),
    "quantized": (
        lambda x: torch.quantize_per_tensor(x, 0.1, 0, torch.qint8).dequantize(),
        lambda: torch.ones(3, 4), (3, 4), 0,
    ),
    "meta": (lambda x: x @ x.T, lambda: torch.ones(3, 4, device="meta"), (3, 3), 72),
}  # fmt: skip


def reading_of(name: str) -> Reading:
    function, make, _, _ = CASES[name]

    def forward(x: Tensor) -> Tensor:
        y = function(x)
        return y

    return read(forward, (make(),))


@pytest.mark.parametrize("name", CASES)
def test_odd_tensors_are_read(name: str):
    _, _, shape, flops = CASES[name]
    reading = reading_of(name)
    assert reading.crash is None, reading.crash
    (line,) = [line for line in reading.lines if line.source.strip() == "y = function(x)"]
    values = {value.name: value.shape for value in line.values}
    assert values["y"] == shape
    assert reading.totals.flops_forward == flops
    written = json.loads(json.dumps(reading.as_json()))
    Draft202012Validator(SCHEMA).validate(written)
    assert Reading.from_json(written) == reading


@pytest.mark.parametrize("name", ["jagged", "nested"])
def test_ragged_rows_have_a_backward_pass_and_the_same_reading_twice(name: str):
    first, second = reading_of(name), reading_of(name)
    assert first.totals.flops_backward == 80  # of the weight; the input needs none
    assert [line.values for line in first.lines] == [line.values for line in second.lines]
    assert first.input[0].shape == second.input[0].shape == (2, "*", 4)


def test_a_failing_jagged_tensor_says_why():
    def forward(x: Tensor) -> Tensor:
        return nn.functional.linear(x, torch.ones(5, 5))

    reading = read(forward, (nested(torch.jagged),))
    assert reading.crash is not None
    assert "cannot be multiplied" in reading.crash.message
    assert reading.crash.shapes == {"x": (2, "*", 4)}
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(reading.as_json())))


class Hiding(nn.Module):
    """Names of its own hide methods of `nn.Module`'s."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.again = self.fc
        self.register_buffer("count", torch.zeros(1))
        for name in (
            "modules", "children", "parameters", "buffers", "named_modules", "named_parameters",
            "named_children", "named_buffers", "state_dict", "apply", "eval",
        ):  # fmt: skip
            self.__dict__[name] = [1, 2]

    def forward(self, *inputs):
        self.count += 1
        return self.fc(inputs[0])


def test_attributes_that_hide_the_methods_of_a_module():
    model = Hiding()
    reading = read(model, (torch.ones(2, 3),))
    assert reading.crash is None
    assert reading.totals.parameters == 12
    (line,) = [line for line in reading.lines if line.source.strip() == "return self.fc(inputs[0])"]
    assert line.params == ["fc.weight = again.weight", "fc.bias = again.bias"]
    assert model.count == 0
