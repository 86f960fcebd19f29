"""Classes, networks that exist, functions that make one, and functions that are read themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from torchcamp.base.errors import ReadError
from torchcamp.reading.answering import answer
from torchcamp.reading.process import Request, read_target
from torchcamp.reading.reading import Reading
from torchcamp.reading.targets import find_target

NETS = """
import functools
from torch import nn, Tensor
import torch
class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.fc = nn.Linear(width, 2)
    def forward(self, x):
        return self.fc(x)
    def double(self, x):
        return 2 * self.fc(x)
    @classmethod
    def small(cls):
        return cls(3)
"""


def read_of(
    tmp_path: Path, text: str, name: str, *, args: str = "", inputs: Sequence[str] = (),
    method: str = "",
) -> Reading:  # fmt: skip
    """As the worker would, but in this process."""
    target = f"{tmp_path / 'nets.py'}:{name}"
    (tmp_path / "nets.py").write_text(NETS + text)
    request = Request(
        target=target, inputs=list(inputs), args=args, method=method, argv="", full_import=False, dtype="",
        root=str(tmp_path), work=str(tmp_path),
    )  # fmt: skip
    return answer(request, target)


def sources(reading: Reading) -> set[str]:
    return {line.source.strip() for line in reading.lines}


@pytest.mark.parametrize(
    ("text", "args", "parameters"),
    [
        ("def make(width):\n    return Net(width)\n", "width=6", 14),
        ("def make(width=5):\n    net = Net(width)\n    return net.eval()\n", "", 12),
        ("def make(width=5):\n    net = Net(width)\n    return net.eval()\n", "width=6", 14),
        ("def make(**options) -> nn.Module:\n    return Net(**options)\n", "width=6", 14),
        ("def make(kind='x') -> 'Net | None':\n    return {'x': Net}[kind]()\n", "", 10),
        ("def make():\n    return {'x': Net}['x']()\n", "", 10),
        ("make = lambda width=5: Net(width)\n", "", 12),
        ("make = functools.partial(Net, width=6)\n", "", 14),
        ("make = functools.partial(Net)\n", "width=6", 14),
        ("def first(width):\n    return Net(width)\nmake = functools.partial(first, 6)\n", "", 14),
        ("make = Net.small\n", "", 8),
        ("class Maker:\n    def __call__(self):\n        return Net()\nmake = Maker()\n", "", 10),
        ("@functools.lru_cache\ndef make():\n    return Net()\n", "", 10),
        ("make = Net(6)\n", "", 14),
    ],
)  # fmt: skip
def test_what_makes_a_network_is_called_and_the_network_read(
    tmp_path: Path, text: str, args: str, parameters: int
):
    reading = read_of(tmp_path, text, "make", args=args)
    assert reading.totals.parameters == parameters
    assert "return self.fc(x)" in sources(reading)
    assert reading.crash is None
    called = [note for note in reading.notes if "was called: the Net that it returns" in note]
    assert len(called) == (text != "make = Net(6)\n")


def test_a_network_at_the_top_of_a_script_is_read_as_it_is(tmp_path: Path):
    reading = read_of(
        tmp_path,
        "layers = []\nfor width in (4, 8):\n    layers.append(nn.Linear(width, 2 * width))\n"
        "    if width == 4:\n        layers.append(nn.ReLU())\n"
        "net = nn.Sequential(*layers)\nnet.load_state_dict(torch.load('missing.pt'))\n"
        "for epoch in range(3):\n    net.train()\n    raise RuntimeError('it trained')\n",
        "net",
        inputs=["2x4"],
    )
    assert reading.totals.parameters == 4 * 8 + 8 + 8 * 16 + 16
    (line,) = [line for line in reading.lines if line.children]
    assert [layer.path for layer in line.children] == ["0", "1", "2"]
    assert line.source.strip() == "input = module(input)"
    assert any("line 22 was run and failed: FileNotFoundError" in note for note in reading.notes)


def test_a_network_inside_an_object_and_a_method_of_one_that_is_made(tmp_path: Path):
    text = (
        "class Task:\n    def __init__(self):\n        self.net = Net()\ntask = Task()\n"
        "def make():\n    return Net()\n"
    )
    assert read_of(tmp_path, text, "task.net").totals.parameters == 10
    reading = read_of(tmp_path, text, "make", method="double", inputs=["x=2x4"])
    assert "return 2 * self.fc(x)" in sources(reading)


def test_of_several_networks_the_first_is_read(tmp_path: Path):
    text = "def make():\n    return {'d': Net(5), 'lr': 0.1, 'g': nn.Linear(1, 1)}\n"
    reading = read_of(tmp_path, text, "make", inputs=["2x5"])
    assert reading.totals.parameters == 12
    assert any("the first, Net, is read (the others: Linear)" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("text", "options", "shown"),
    [
        ("def f(x):\n    y = x * 2\n    return y\n", {"inputs": ["x=2x4"]}, "y = x * 2"),
        ("net = Net()\ndef f(x) -> Tensor:\n    return net(x)\n", {"inputs": ["2x4"]}, "return net(x)"),
        (
            "def f(x=None):\n    x = torch.ones(2) if x is None else x\n    return x * 2\n", {},
            "return x * 2",
        ),
        ("def f(net):\n    return net(torch.ones(2, 4))\n", {"args": "net=Net()"}, "return self.fc(x)"),
        (
            "def f(net=None, x=None):\n    return net if x is None else net(x)\n",
            {"args": "net=Net()", "inputs": ["x=2x4"]}, "return self.fc(x)",
        ),
        ("def f() -> None:\n    Net()(torch.ones(2, 4))\n", {}, "return self.fc(x)"),
    ],
)  # fmt: skip
def test_a_function_of_tensors_is_read_as_a_function(
    tmp_path: Path, text: str, options: dict[str, Any], shown: str
):
    reading = read_of(tmp_path, text, "f", **options)
    assert shown in sources(reading)
    assert reading.lines[-1].function is not None
    assert "f" in {call.function for call in reading.calls}
    assert not any("was called" in note for note in reading.notes)


def test_a_function_that_returns_nothing_is_not_called_to_see_what_it_returns():
    calls = []

    def main():
        calls.append("trained")
        if len(calls) > 100:
            return
        return None

    def makes():
        calls.append("made")
        return nn.Linear(1, 1)

    assert find_target(main, {}, name="main", target="").call is main
    assert calls == []
    assert isinstance(find_target(makes, {}, name="makes", target="").call, nn.Linear)
    assert calls == ["made"]


@pytest.mark.parametrize(
    ("text", "args", "words"),
    [
        (
            "def make(width):\n    return Net(width)\n",
            "",
            r"make needs width; for example: .*--args",
        ),
        (
            "def make(width) -> Net:\n    return Net(width)\n",
            "width='a'",
            r"make\(width='a'\) failed",
        ),
        ("def make() -> Net:\n    return 3\n", "", r"make returned a int, and no network"),
        ("make = 3\n", "", "make is of type int, which cannot be called"),
    ],
)
def test_what_cannot_be_made(tmp_path: Path, text: str, args: str, words: str):
    with pytest.raises(ReadError, match=words):
        read_of(tmp_path, text, "make", args=args)


def test_names_of_expressions_are_kept_with_their_input(tmp_path: Path):
    text = "class Size:\n    rows = 3\ndef f(x, size):\n    return x[:size.rows]\n"
    reading = read_of(tmp_path, text, "f", inputs=["x=5x2", "size=Size()"])
    assert reading.lines[-1].values[0].shape == (3, 2)


def test_resnet18_of_torchvision_has_11_7_million_parameters():
    pytest.importorskip("torchvision.models", exc_type=Exception)  # type: ignore[arg-type]
    reading = read_target("torchvision.models:resnet18", inputs=["1x3x64x64"])
    assert reading.totals.parameters == 11_689_512
    assert reading.lines
