"""The tensors inside a value: their names, and where looking ends."""

from typing import Any

import torch
from torch import Tensor, nn

from tests.reading.zoo import vectors
from torchcamp.reading.reader import read
from torchcamp.reading.values import MAX_DEPTH, MAX_LEAVES, leaves, look_up


def names(value: Any) -> list[str]:
    return [name for name, _ in leaves("x", value)]


def test_tensors_in_containers_have_names_that_python_would_take():
    one = torch.ones(1)
    assert names({"a": one, "b": [one, (one,)]}) == ["x['a']", "x['b'][0]", "x['b'][1][0]"]
    assert names("text") == names(None) == []


def test_containers_are_searched_to_a_depth_and_no_deeper():
    value: Any = torch.ones(1)
    for _ in range(MAX_DEPTH):
        value = [value]
    assert names(value) == ["x" + MAX_DEPTH * "[0]"]
    assert names([value]) == []


def test_a_line_shows_the_first_tensors_of_a_long_list():
    def forward(x: Tensor) -> list[Tensor]:
        many = [x + n for n in range(MAX_LEAVES + 4)]
        return many

    lines = read(forward, (vectors(2),)).lines
    assert [len(line.values) for line in lines] == [1, MAX_LEAVES, MAX_LEAVES]


def test_an_attribute_is_looked_up_without_running_a_property():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("state", torch.zeros(3))

        @property
        def length(self):
            raise AssertionError("a property ran")

    net = Net()
    variables = {"self": net}
    assert look_up("self.state", variables) is net.state
    assert look_up("self.length", variables) is None
    assert look_up("self.state.missing", variables) is None
    assert look_up("other", variables) is None


def test_a_parameter_of_no_network_is_called_by_its_shape():
    scale = nn.Parameter(torch.ones(2))

    def forward(x: Tensor) -> Tensor:
        return torch.cat([x * scale, scale])

    assert read(forward, (vectors(2),)).lines[1].params == ["Parameter(2,)"]
