"""The tape of `c = a * a + a`: values on the way forward, gradients on the way back."""

import torch

from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

VALUES = (3.0, -1.0, 0.5)  # of a, one for each example
CODE = """\
a = torch.tensor({a}, requires_grad=True)
b = a * a
c = b + a
c.backward()
print(a.grad)"""


def whole() -> Schema:
    """The same lines for three values of a."""
    return schema(draw, len(VALUES))


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw(example: int) -> Drawing:
    """The drawing for the value number `example`; PyTorch computes every number in it."""
    a = torch.tensor(VALUES[example], requires_grad=True)
    b = a * a
    c = b + a
    b.retain_grad()
    c.backward()
    assert a.grad is not None
    assert b.grad is not None
    a_, b_, c_ = f"{a.item():g}", f"{b.item():g}", f"{c.item():g}"
    to_b, total = f"{b.grad.item():g}", f"{a.grad.item():g}"
    by_factor = f"{b.grad.item() * a.item():g}"
    drawing = Drawing(
        summary=(
            "A graph of three values. Going forward, a is multiplied by itself to give b, and a is "
            "added to b to give c. Going back, c hands 1 to b and to a, and b hands a times its "
            "gradient to each of its two factors, which are both a."
        ),
        code=(CODE.format(a=VALUES[example]),),
    )
    drawing.unit("a", "a", (120, 110), (240, 50), size=(64, 64), tone="second", detail=f"value {a_}",
        lines=["a = torch"], note="A leaf: you made it, and asked for its gradient with requires_grad=True.")  # fmt: skip
    drawing.unit("b", "b", (450, 66), (90, 210), size=(64, 64), detail=f"value {b_}",
        lines=["b = a * a"], note="It remembers that a product made it, and of what: of a and a.")  # fmt: skip
    drawing.unit("c", "c", (780, 110), (240, 370), size=(64, 64), detail=f"value {c_}",
        lines=["c = b + a"], note="It remembers that a sum made it, and of what: of b and a.")  # fmt: skip
    drawing.arrow("a", "b", name="left", bend=34, narrowBend=26, label="×")
    drawing.arrow("a", "b", name="right", bend=-26, narrowBend=-20, label="×")
    drawing.arrow("b", "c", name="sum", label="+")
    drawing.arrow("a", "c", name="straight", bend=-130, narrowBend=0, label="+")
    back = {"backward": True, "onlyLit": True}
    drawing.arrow(
        "c", "b", name="back to b", bend=52, narrowBend=-44, label="1", lines=["c.backward"], **back
    )
    drawing.arrow(
        "c", "a", name="back to a", bend=215, narrowBend=60, label="1", lines=["c.backward"], **back
    )
    drawing.arrow(
        "b",
        "a",
        name="back left",
        bend=-92,
        narrowBend=-90,
        label=by_factor,
        lines=["c.backward"],
        **back,
    )
    drawing.arrow(
        "b",
        "a",
        name="back right",
        bend=84,
        narrowBend=74,
        label=by_factor,
        lines=["c.backward"],
        **back,
    )

    waiting = {"detail": ""}
    drawing.step(
        "You make a leaf",
        f"a is {a_}. With requires_grad=True you ask PyTorch to keep track of what becomes of it.",
        ["a"], b=waiting, c=waiting,
    )  # fmt: skip
    drawing.step(
        "Forward: PyTorch computes, and takes notes",
        f"b = a * a = {b_}. Beside the value, b keeps a note: a product of a and a. So a has two arrows to b.",
        ["b", "left", "right"], c=waiting,
    )  # fmt: skip
    drawing.step(
        "Forward: one more note",
        f"c = b + a = {c_}. These notes, in the order in which they were taken, are the tape.",
        ["c", "sum", "straight"],
    )
    drawing.step(
        "Backward: it begins with 1",
        "c.backward() asks: if something changes a little, by how much does c change? For c itself the answer is 1.",
        ["c"],
        c={"detail": "gradient 1"},
    )
    drawing.step(
        "The sum hands its gradient on",
        f"In a sum, a change of either part changes c by as much. So b gets {to_b} and a gets a first contribution of 1.",
        ["c", "back to b", "back to a", "b", "a"],
        c={"detail": "gradient 1"}, b={"detail": f"gradient {to_b}"}, a={"detail": "so far 1"},
    )  # fmt: skip
    drawing.step(
        "The product multiplies by the other factor",
        f"If one factor of a product grows a little, the product grows by that times the other factor, which is {a_}. "
        f"So b hands {to_b} × {a_} = {by_factor} to each factor. Both factors are a: it gets {by_factor} twice.",
        ["b", "back left", "back right", "a"],
        c={"detail": "gradient 1"}, b={"detail": f"gradient {to_b}"}, a={"detail": f"gradient {total}"},
    )  # fmt: skip
    drawing.step(
        "What arrives adds up",
        f"1 + {by_factor} + {by_factor} = {total}: that is a.grad. It is the slope of a² + a at {a_}, "
        f"2a + 1 = {total}.",
        ["a"],
        c={"detail": "gradient 1"}, b={"detail": f"gradient {to_b}"}, a={"detail": f"gradient {total}"},
    )  # fmt: skip
    return drawing
