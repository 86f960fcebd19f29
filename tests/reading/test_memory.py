"""The memory column, to the byte: what each line keeps for the backward pass, and the peak."""

import torch
from torch import Tensor, nn

from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading

FLOAT = 4  # bytes
ROWS = 8


def kept(reading: Reading) -> dict[str, int]:
    """Bytes kept by each statement that did anything."""
    return {line.source.strip(): line.saved_bytes for line in reading.lines if line.ops}


def rows(width: int) -> Tensor:
    return torch.randn(ROWS, width, generator=torch.Generator().manual_seed(0))


class ThreeLines(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4, bias=False)

    def forward(self, x):
        h = self.fc(x)
        y = h * h
        return y.exp()


def test_a_line_keeps_its_inputs_without_parameters_and_each_storage_once():
    """x, not the weight; h, which the product needs twice; what exp returned."""
    block = ROWS * 4 * FLOAT
    assert kept(read(ThreeLines(), (rows(4),))) == {
        "h = self.fc(x)": block,
        "y = h * h": block,
        "return y.exp()": block,
    }


def test_a_storage_that_an_earlier_line_keeps_is_not_counted_again():
    def forward(x: Tensor) -> Tensor:
        h = x + 1
        a = h * h
        b = h.view(4, -1).exp()
        c = h * a
        return (c.view(4, -1) * b).sum()

    block = ROWS * 4 * FLOAT
    assert kept(read(forward, (rows(4).requires_grad_(),))) == {
        "h = x + 1": 0,
        "a = h * h": block,  # h
        "b = h.view(4, -1).exp()": block,  # what exp returned, in the shape of a view
        "c = h * a": block,  # a; h is kept already
        "return (c.view(4, -1) * b).sum()": block,  # c; b is kept already
    }


def test_what_was_freed_can_be_kept_again():
    """A step that runs its own backward pass keeps as much in each round, wherever it comes to lie."""

    def steps(network: nn.Module, x: Tensor) -> None:
        for _ in range(20):
            loss = network(x).sum()
            loss.backward()

    block = ROWS * 4 * FLOAT
    bytes_kept = kept(read(steps, (ThreeLines(), rows(4))))
    assert bytes_kept["h = self.fc(x)"] == block  # x is the same in all rounds
    assert bytes_kept["y = h * h"] == 20 * block
    assert bytes_kept["return y.exp()"] == 20 * block


def test_layers_and_callers_add_up_what_was_kept():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), ThreeLines())
            self.net[2].fc = nn.Linear(6, 4, bias=False)

        def forward(self, x):
            return self.net(x)

    reading = read(Net(), (rows(4),))
    (line,) = [line for line in reading.lines if line.source.strip() == "return self.net(x)"]
    x, tanh, block = ROWS * 4 * FLOAT, ROWS * 6 * FLOAT, ROWS * 4 * FLOAT
    assert {layer.path: layer.saved_bytes for layer in line.children} == {
        "net.0": x,
        "net.1": tanh,
        "net.2": 0,  # its lines have rows of their own, and tanh's output is kept already
    }
    assert line.saved_bytes == x + tanh
    assert line.with_calls is not None
    assert line.with_calls.saved_bytes == x + tanh + 2 * block


def test_nothing_is_kept_without_a_gradient():
    model = ThreeLines().requires_grad_(False)
    assert set(kept(read(model, (rows(4),))).values()) == {0}


def test_the_peak_and_its_line():
    """Inputs and parameters are not counted, and what is freed is not either."""

    def forward(x: Tensor) -> Tensor:
        small = x.sum(dim=1)
        big = x.repeat(1, 3)
        del big
        return small.repeat(2)

    reading = read(forward, (rows(4),))
    assert reading.totals.peak_bytes == (ROWS + ROWS * 4 * 3) * FLOAT
    assert reading.totals.peak_at is not None
    lines = {line.line: line.source.strip() for line in reading.lines}
    assert lines[reading.totals.peak_at.line] == "big = x.repeat(1, 3)"
