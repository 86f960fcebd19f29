"""Lesson 4: what lines that the learner types put on the tape."""

from typing import Protocol

from torchcamp.base.wire import Answer, Reply, State
from torchcamp.figures.autograd_graph import tape_of
from torchcamp.widgets.tape import Tape

MAX_CODE = 4000  # characters of a learner's code that are run

EXAMPLES = [
    [
        "a value used twice",
        "a = torch.tensor(1.0, requires_grad=True)\nb = a + a\nc = b * b",
    ],
    [
        "a neuron",
        "x = torch.tensor(2.0)\nw = torch.tensor(0.5, requires_grad=True)\n"
        "b = torch.tensor(-0.3, requires_grad=True)\ny = torch.tanh(w * x + b)\n"
        "loss = (y - 1) ** 2",
    ],
    [
        "a layer and a loss",
        "x = torch.tensor([1.0, -2.0])\n"
        "W = torch.tensor([[0.5, 0.1], [-0.2, 0.3]], requires_grad=True)\n"
        "h = torch.relu(W @ x)\nloss = h.sum()",
    ],
    [
        "cut off",
        "a = torch.tensor(3.0, requires_grad=True)\nb = (a * 2).detach()\nc = a * b",
    ],
]


class LineRunner(Protocol):
    """Runs a learner's lines safely in another process, as the course's judge does."""

    def run_lines(self, code: str) -> Reply:
        """What `tape_of` returns for `code`, or `{"error": ...}` if the lines exceed a limit."""
        ...


def tape(runner: LineRunner) -> Tape:
    """Type lines and see what they put on the tape; they run in a child process of `runner`."""

    first = {"code": EXAMPLES[0][1]}

    def answer(state: State) -> Answer:
        if state == first:
            return tape_of(first["code"]), []  # our own code: no need to start the judge for it
        return runner.run_lines(str(state["code"])[:MAX_CODE]), []

    return Tape(answer=answer, state=first, setup={"examples": EXAMPLES})
