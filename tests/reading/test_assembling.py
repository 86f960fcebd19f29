"""The parts of a reading beside its lines: the tape, calls, crashes, totals."""

import random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.reading import zoo
from tests.reading.zoo import ZOO, vectors
from torchcamp.reading import assembling
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Parameter


def test_the_tape_is_a_graph_whose_nodes_know_their_lines():
    def forward(x: Tensor) -> Tensor:
        y = x * 2
        z = y.exp()
        return y + z

    reading = read(forward, (vectors(3).requires_grad_(),))
    lines = {line.line: line.source.strip() for line in reading.lines}
    assert [(node.name, lines[node.line or 0], node.next) for node in reading.tape] == [
        ("MulBackward0", "y = x * 2", []),
        ("ExpBackward0", "z = y.exp()", [0]),
        ("AddBackward0", "return y + z", [0, 1]),
    ]


def test_a_tape_that_is_too_long_to_draw_is_left_out(monkeypatch: pytest.MonkeyPatch):
    model, inputs = zoo.Loop(), ZOO[zoo.Loop]()
    nodes = read(model, inputs).totals.nodes
    for limit, drawn in ((nodes, nodes), (nodes - 1, 0)):
        monkeypatch.setattr(assembling, "MAX_TAPE", limit)
        reading = read(model, inputs)
        assert (len(reading.tape), reading.totals.nodes) == (drawn, nodes)


def test_calls_made_in_the_backward_pass_are_marked():
    reading = read(zoo.CustomFunction(), ZOO[zoo.CustomFunction]())
    assert {call.function: call.in_backward for call in reading.calls} == {
        "CustomFunction.forward": False,
        "Square.forward": False,
        "Square.backward": True,
    }


def test_nodes_from_before_the_run_belong_to_no_line():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(2)).exp()

        def forward(self, x):
            return x * self.scale

    reading = read(Net(), (vectors(2),))
    assert reading.not_seen == ["1 node of the tape was made by no line that was watched"]
    assert (reading.totals.nodes, reading.totals.nodes_attributed) == (2, 1)


def test_a_lambda_written_in_a_class_is_outside_of_functions():
    class Net(nn.Module):
        act: Any = staticmethod(lambda x: x * 2)

        def forward(self, x):
            return self.act(x)

    lines = {line.source.strip(): line for line in read(Net(), (vectors(2),)).lines}
    outside = lines["act: Any = staticmethod(lambda x: x * 2)"]
    assert outside.function is None
    assert outside.ops == {"mul": 1}


def test_a_crash_in_the_users_backward_is_at_its_line():
    class Broken(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):  # type: ignore[override]
            raise ValueError("no way back")

    def forward(x: Tensor) -> Any:
        return Broken.apply(x)

    reading = read(forward, (vectors(2).requires_grad_(),))
    crash = reading.crash
    assert crash is not None
    assert (crash.phase, crash.message) == ("backward", "ValueError: no way back")
    assert reading.backward == "not run: the backward pass failed"
    (raising,) = [line for line in reading.lines if line.line == crash.line]
    assert raising.source.strip() == 'raise ValueError("no way back")'


def test_a_crash_inside_torchs_backward_is_at_the_line_whose_gradient_it_was():
    def forward(x: Tensor) -> Tensor:
        r = torch.linalg.qr(x, mode="r").R  # needs Q for its derivative
        z = r * 2
        return z

    reading = read(forward, (vectors(2, 2).requires_grad_(),))
    assert reading.crash is not None
    assert "linalg.qr" in reading.crash.message
    (line,) = [line for line in reading.lines if line.line == reading.crash.line]
    assert line.source.strip().startswith("r = torch.linalg.qr")


def test_the_parameter_of_the_innermost_layer_is_the_one_that_was_met():
    class Outer(nn.Linear):
        def __init__(self):
            super().__init__(3, 3)
            self.inner = nn.Linear(5, 2)

        def forward(self, input):
            return self.inner(input)

    model = zoo.Wrapped(Outer())
    crash = read(model, (vectors(2, 4),), is_user=lambda file: file == zoo.__file__).crash
    assert crash is not None
    assert crash.parameter == Parameter(name="net.inner.weight", shape=(2, 5))


def test_nodes_of_layers_are_counted_with_their_layer():
    (line,) = [
        line
        for line in read(zoo.SharedActivation(), ZOO[zoo.SharedActivation]()).lines
        if line.children
    ]
    assert [layer.nodes for layer in line.children] == [2, 1, 2, 1]  # T and Addmm; Relu


def test_what_a_model_remembers_of_its_first_pass_is_still_to_come():
    """The passes that are timed run on a copy: the traced one is the first of the model's own."""
    reading = read(zoo.Counter(), ZOO[zoo.Counter]())
    executed = {line.source.strip(): line.executed for line in reading.lines}
    assert executed["return x * self.count"]
    assert not executed["return -x"]


def test_random_numbers_are_those_of_the_seed_whatever_was_drawn_before():
    def forward(x: Tensor) -> Tensor:
        return x * random.random() if random.random() < 0.5 else x + torch.rand(())

    torch.manual_seed(3)
    random.seed(3)
    operations = [read(forward, (vectors(2),), seed=seed).lines[-1].ops for seed in (0, 1, 0, 1)]
    assert operations[:2] == operations[2:]
    assert operations[0] != operations[1]


def test_values_of_a_for_loop_are_those_inside_it():
    """The loop's variable is looked at where the body begins, not once more when it ends."""

    def forward(x: Tensor) -> Tensor:
        last = x.new_zeros(4)
        for row in x:
            last = row
        return last * 2

    lines = {line.source.strip(): line for line in read(forward, (vectors(3, 4),)).lines}
    assert [value.count for value in lines["for row in x:"].values] == [3]


def test_a_line_that_recurs_counts_what_it_calls_once():
    reading = read(zoo.Recursive(), ZOO[zoo.Recursive]())
    (line,) = [line for line in reading.lines if "depth - 1" in line.source]
    assert line.with_calls is not None
    assert line.with_calls.flops_forward == reading.totals.flops_forward == 256
    assert line.with_calls.seconds_share <= 1.0


def wrapped(call: Any) -> Any:
    def wrapper(self: nn.Module, *args: Any) -> Any:
        return call(self, *args)

    return wrapper


class Inner(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor()

    def factor(self) -> int:
        return 2


class Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner()

    def check(self) -> bool:
        return True

    @wrapped
    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) if self.check() else x


def test_the_targets_forward_comes_first_and_what_no_tensor_went_through_last():
    reading = read(Outer(), (vectors(2),))
    assert [own[0].function for own in reading.functions()] == [
        "Outer.forward", "wrapped.wrapper", "Inner.forward", "Outer.check", "Inner.factor",
    ]  # fmt: skip
