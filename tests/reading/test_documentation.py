"""Each name that a line links to is one that PyTorch documents."""

import inspect
from types import ModuleType

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.reading import zoo
from torchcamp.reading import documentation
from torchcamp.reading.documentation import address, page_of_module, page_of_operation
from torchcamp.reading.reader import read

PLACES = [
    (documentation.MODULES, nn),
    (documentation.FUNCTIONAL, F),
    (documentation.TORCH, torch),
    (documentation.TENSOR, torch.Tensor),
]
SEEN = {  # class of the zoo: part of a line, its pages
    zoo.UNet: ("self.down(x)", ["torch.nn.Conv2d", "torch.nn.functional.relu"]),
    zoo.Transformer: ("self.attention(self.norm(x))", ["torch.nn.LayerNorm", "torch.add"]),
    zoo.LSTMNet: ("self.lstm(x)", ["torch.nn.LSTM"]),
    zoo.InPlace: ("y += 1", ["torch.Tensor.add_"]),
    zoo.Encoder: ("self.layer(x)", ["torch.nn.TransformerEncoderLayer"]),
    zoo.SharedActivation: ("self.net(x)", ["torch.nn.Sequential"]),
}


@pytest.mark.parametrize(("names", "place"), PLACES, ids=["nn", "functional", "torch", "Tensor"])
def test_every_name_is_in_pytorch_and_described(names: frozenset[str], place: ModuleType | type):
    undescribed = {name for name in names if not inspect.getdoc(getattr(place, name, None))}
    assert undescribed == set()
    assert len(names) > 90


@pytest.mark.parametrize("name", [*documentation.KNOWN_AS.values(), *documentation.BEGINS.values()])
def test_what_operations_are_known_as_is_documented(name: str):
    prefix, _, last = name.rpartition(".")
    names = {"": documentation.TORCH, "Tensor": documentation.TENSOR}
    assert last in names.get(prefix, documentation.FUNCTIONAL)


@pytest.mark.parametrize("name", documentation.KNOWN_AS)
def test_the_operations_exist(name: str):
    assert hasattr(torch.ops.aten, name)


@pytest.mark.parametrize("cls", SEEN, ids=lambda cls: cls.__name__)
def test_a_line_names_what_it_calls(cls: type[nn.Module]):
    part, pages = SEEN[cls]
    reading = read(cls(), zoo.ZOO[cls]())
    (line,) = [line for line in reading.lines if part in line.source]
    assert line.pages == pages


def test_a_layer_of_a_sequential_has_its_own_page():
    class Linear(nn.Module):  # a user's class of the same name has none
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * 2

    network = zoo.Wrapped(nn.Sequential(nn.Linear(4, 4), Linear(), nn.Flatten()))
    reading = read(network, (torch.rand(2, 4),))
    (line,) = [line for line in reading.lines if "self.net(x)" in line.source]
    assert [layer.page for layer in line.children] == [
        "torch.nn.Linear", None, "torch.nn.modules.flatten.Flatten",
    ]  # fmt: skip


def test_functions_are_told_from_what_they_run():
    def forward(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        h = F.linear(x, w, b)
        p = F.dropout(h, 0.5)
        c = F.conv_transpose1d(x[None], w[:, :, None])
        d = F.conv1d(x[None], w[:, :, None])
        m = F.max_pool1d(p, 2)
        e = torch.einsum("bi,oi->bo", x, w)
        n = F.cross_entropy(h, torch.zeros(4, dtype=torch.long))
        return e.sum() + c.sum() + d.sum() + m.sum() + n

    reading = read(forward, (torch.rand(4, 4), torch.rand(4, 4), torch.rand(4)))
    pages = {line.source.strip()[0]: line.pages for line in reading.lines}
    assert pages["h"] == ["torch.t", "torch.nn.functional.linear"]
    assert pages["p"] == ["torch.nn.functional.dropout"]
    assert "torch.nn.functional.conv_transpose1d" in pages["c"]
    assert "torch.nn.functional.conv1d" in pages["d"]
    assert pages["e"] == ["torch.einsum"]
    assert pages["n"] == ["torch.zeros", "torch.nn.functional.cross_entropy"]


def test_the_backward_pass_adds_no_pages():
    def forward(x: torch.Tensor) -> torch.Tensor:
        return x.exp()

    reading = read(forward, (torch.rand(4, requires_grad=True),))
    (line,) = [line for line in reading.lines if line.kind == "return"]
    assert "mul" in line.ops
    assert line.pages == ["torch.exp"]


@pytest.mark.parametrize(
    ("operation", "page"),
    [
        ("bmm", "torch.bmm"), ("relu", "torch.nn.functional.relu"), ("_to_copy", "torch.Tensor.to"),
        ("relu_", "torch.nn.functional.relu_"), ("silu_", "torch.nn.functional.silu"),
        ("view", "torch.Tensor.view"), ("upsample_nearest2d", "torch.nn.functional.interpolate"),
        ("slice", None), ("convolution_backward", None), ("my_operation", None), ("addmm", "torch.addmm"),
    ],
)  # fmt: skip
def test_pages_of_operations(operation: str, page: str | None):
    assert page_of_operation(operation) == page


def test_addresses():
    assert address("torch.nn.functional.linear") == (
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html"
    )
    assert page_of_module(nn.Linear) == "torch.nn.Linear"
    assert page_of_module(nn.Module) is None
    assert page_of_module(zoo.UNet) is None
