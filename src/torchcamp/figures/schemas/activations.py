"""One unit: a weighted sum, then a bend; and what two layers are without a bend between them."""

import torch

from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

INPUTS = ((1.0, -2.0, -0.5), (-1.0, 1.0, 2.0))
WEIGHTS, BIAS = (0.8, 0.6, 1.0), -0.2
SECOND = (2.0, 0.5)  # weight and bias of a second layer with one unit
SUMS = [number / 10 for number in range(-20, 21)]  # where the activation's curve is drawn
CODE = """\
x = torch.tensor({})
total = (torch.tensor([0.8, 0.6, 1.0]) * x).sum() - 0.2
out = torch.relu(total)
after = 2.0 * out + 0.5  # the next layer"""


def whole() -> Schema:
    """The same unit with two inputs: one sum is negative, one positive."""
    return schema(draw, len(INPUTS))


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw(example: int) -> Drawing:
    """The drawing for the input number `example`."""
    x = torch.tensor(INPUTS[example])
    total = float((torch.tensor(WEIGHTS) * x).sum() + BIAS)
    out = max(0.0, total)
    after, straight = SECOND[0] * out + SECOND[1], SECOND[0] * total + SECOND[1]
    drawing = Drawing(
        summary=(
            "Three inputs are multiplied by their weights and added up; ReLU turns a negative sum into 0; "
            "the result goes into the next layer. Without ReLU, the two layers together are one "
            "multiplication and one addition."
        ),
        code=(CODE.format(list(INPUTS[example])),),
    )
    for row, (value, weight) in enumerate(zip(INPUTS[example], WEIGHTS, strict=True)):
        name = f"x{row + 1}"
        drawing.unit(name, _text(value), (60, 50 + 84 * row), (50 + 130 * row, 44), size=(46, 46),
            lines=["x = torch"], note="One number of the input.")  # fmt: skip
        drawing.arrow(name, "sum", label=f"× {weight:g}")
    drawing.unit("sum", f"{total:.1f}".replace("-", "−"), (330, 134), (180, 226), size=(74, 74), label="sum", tone="second",
        lines=["total ="], note=f"All inputs times their weights, added up, and the bias {BIAS:g}.".replace("-", "−"))  # fmt: skip
    drawing.curve("bend", [(s, max(0.0, s)) for s in SUMS], (556, 134), (180, 368), size=(170, 120), narrowSize=(140, 104),
        mark=_place(total), slope=float(total > 0), label="ReLU: max(0, sum)", detail=f"gives {out:.1f}, slope {int(total > 0)}", lines=["out ="],
        note="The activation. Left to right: the sum, from −2 to 2. Upwards: what goes on. The short line is the slope at this sum.")  # fmt: skip
    drawing.box("next", f"{after:.1f}", (806, 134), (180, 520), size=(120, 54), label="next layer: 2 × it + 0.5",
        lines=["after ="], note="Another weighted sum, here with a single input.")  # fmt: skip
    drawing.arrow("sum", "bend")
    drawing.arrow("bend", "next")
    drawing.step(
        "Numbers come in",
        "A unit of a layer gets the numbers of the layer before it: here three.",
        ["x1", "x2", "x3"],
    )
    terms = " + ".join(
        f"{w:g} · {f'({_text(v)})' if v < 0 else _text(v)}"
        for v, w in zip(INPUTS[example], WEIGHTS, strict=True)
    )
    drawing.step(
        "Multiply and add",
        f"Every input has a weight. {terms} − 0.2 = {_text(round(total, 1))}. The last number, −0.2, is the unit's bias.",
        ["x1>sum", "x2>sum", "x3>sum", "sum"],
    )
    drawing.step(
        "The bend",
        f"The activation looks at this one sum. ReLU answers max(0, {total:.1f}) = {out:.1f}: "
        f"{'the unit stays silent.' if out == 0 else 'the sum passes as it is.'}".replace("-", "−"),
        ["sum>bend", "bend"],
    )
    drawing.step(
        "On to the next layer",
        f"The next layer multiplies and adds again: 2 · {out:.1f} + 0.5 = {after:.1f}.",
        ["bend>next", "next"],
    )
    drawing.step(
        "The slope: what does a small change do?",
        f"If the sum grew by 0.01, ReLU's answer would grow by {'0.01: its slope here is 1' if total > 0 else '0: its slope here is 0'}. "
        f"{'The change reaches the next layer in full.' if total > 0 else 'The next layer would notice nothing.'}",
        ["sum>bend", "bend"],
    )
    drawing.step(
        "And without the bend?",
        f"Then the next layer would get {total:.1f} and give 2 · {_bracketed(total)} + 0.5 = {straight:.1f}. But that is 1.6 x₁ + 1.2 x₂ + 2 x₃ + 0.1: "
        "one weighted sum of the inputs. A second layer would have added nothing.".replace("-", "−"),
        ["sum", "bend", "next"],
        bend={"points": [(s, s) for s in SUMS], "slope": 1.0, "label": "no activation", "lines": [], "detail": f"gives {_text(round(total, 1))}, slope 1"},
        next={"text": f"{straight:.1f}".replace("-", "−")},
    )  # fmt: skip
    return drawing


def _place(total: float) -> int:
    """The number of the point of `SUMS` that is nearest to the sum."""
    return min(range(len(SUMS)), key=lambda i: abs(SUMS[i] - total))


def _text(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _bracketed(value: float) -> str:
    return f"({value:.1f})" if value < 0 else f"{value:.1f}"
