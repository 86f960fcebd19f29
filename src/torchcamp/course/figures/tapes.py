"""Lesson 4: the tape of lines that the learner types."""

from typing import Any

from torchcamp.course.checker import Judge, limit_words
from torchcamp.course.taping import tape_of
from torchcamp.widgets.tape import Tape

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


def tape(judge: Judge) -> Tape:
    """Type lines, see what they put on the tape; they run in a child process of the judge."""

    begin = {"code": EXAMPLES[0][1]}

    def answer(state: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        if state == begin:
            return tape_of(begin["code"]), []  # ours: the judge need not load torch for it
        reply = judge.ask(job="tape", code=str(state["code"])[:4000])
        if "limit" in reply:
            reply = {"error": limit_words(reply["limit"]).replace("Your answer", "Your code")}
        elif "ended" in reply:
            reply = {"error": f"The process that ran your code {reply['ended']}."}
        elif "broken" in reply:
            reply = {"error": reply["broken"]}
        return reply, []

    return Tape(answer=answer, state=begin, setup={"examples": EXAMPLES})
