"""--dtype: the whole network, its floating inputs, and what its forward makes."""

from pathlib import Path
from typing import Any

import pytest
import torch

from torchcamp.reading.answering import answer
from torchcamp.reading.process import Request
from torchcamp.reading.reading import Reading

NET = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5, 3)
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.register_buffer("phase", torch.ones(4, dtype=torch.complex64))
        self.register_buffer("index", torch.arange(4))
    def forward(self, tokens):
        h = torch.zeros(1, tokens.shape[0], 4)
        x = self.embed(tokens)
        y, _ = self.lstm(x, (h, h))
        z = y[:, :, self.index]
        return z
class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2).double()
    def forward(self, x):
        return self.fc(x)
net = nn.Linear(3, 2)
def step(batch, scale):
    loss = (net(batch["x"]) * scale).sum()
    return loss
"""


def read_of(tmp_path: Path, name: str, dtype: str, inputs: tuple[str, ...] = ()) -> Reading:
    file = tmp_path / "net.py"
    file.write_text(NET)
    target = f"{file}:{name}"
    request = Request(
        target=target, inputs=list(inputs), args="", method="", argv="", full_import=False,
        dtype=dtype, root=str(tmp_path), work=str(tmp_path),
    )  # fmt: skip
    return answer(request, target)


def dtypes(reading: Reading) -> dict[str, str]:
    return {value.name: value.dtype for line in reading.lines for value in line.values}


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_the_whole_network_and_what_it_makes(tmp_path: Path, dtype: str):
    reading = read_of(tmp_path, "Net", dtype)  # the input is guessed
    assert reading.crash is None
    found = dtypes(reading)
    assert {found[name] for name in ("h", "x", "y", "z", "return")} == {dtype}
    assert found["tokens"] == "int64"
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.parametrize(("dtype", "seen"), [("", "float64"), ("float32", "float32")])
def test_a_network_of_another_type_is_guessed_for(tmp_path: Path, dtype: str, seen: str):
    reading = read_of(tmp_path, "Plain", dtype)
    assert reading.crash is None
    assert reading.input[0].dtype == seen
    assert dtypes(reading)["return"] == seen


def test_networks_and_inputs_of_a_function(tmp_path: Path):
    inputs = ("batch={'x': torch.ones(2, 3), 'y': torch.ones(2).long()}", "scale=float32:1")
    found = dtypes(read_of(tmp_path, "step", "float64", inputs))
    assert {found["batch['x']"], found["scale"], found["loss"]} == {"float64"}
    assert found["batch['y']"] == "int64"


def test_an_input_of_another_type(tmp_path: Path):
    reading = read_of(tmp_path, "Plain", "", ("x=float64:2x3",))
    assert (reading.crash, reading.input[0].dtype) == (None, "float64")


def test_it_is_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from click.testing import CliRunner

    from torchcamp.cli.read import command

    asked: dict[str, Any] = {}

    def read_target(target: str, **options: Any) -> Reading:
        asked.update(options)
        return read_of(tmp_path, "Plain", options["dtype"])

    monkeypatch.setattr("torchcamp.reading.process.read_target", read_target)
    result = CliRunner().invoke(command, ["net.py:Plain", "--dtype", "bfloat16", "--json"])
    assert asked["dtype"] == "bfloat16"
    assert '"dtype":"bfloat16"' in result.output.replace(" ", "")
    assert "float31" in CliRunner().invoke(command, ["a.py:N", "--dtype", "float31"]).output
