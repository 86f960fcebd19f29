"""From scores to a loss, and the gradient that comes back: probability minus truth."""

import math
from typing import Any

import torch

from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

CLASSES = ("cat", "dog", "penguin")
# Scores for a picture of a penguin: sure and wrong (the lecture's slide), undecided, sure and right.
SCORES = ((1.3, 4.6, 0.0411), (1.0, 1.2, 1.1), (0.4, 0.9, 4.6))
TRUTH = 2
PROBS = [number / 100 for number in range(1, 101)]  # where the curve is drawn
CODE = """\
logits = torch.tensor([{}], requires_grad=True)
probs = logits.softmax(dim=0)
loss = -probs[2].log()  # class 2, the penguin, is right
loss.backward()
print(logits.grad)"""


def whole() -> Schema:
    """The same picture, judged three ways."""
    return schema(draw, len(SCORES))


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw(example: int) -> Drawing:
    """The drawing for the scores number `example`; PyTorch computes every number in it."""
    logits = torch.tensor(SCORES[example], requires_grad=True)
    probs = logits.softmax(dim=0)
    loss = -probs[TRUTH].log()
    loss.backward()
    assert logits.grad is not None
    scores, shares, pulls = logits.tolist(), probs.tolist(), logits.grad.tolist()
    drawing = Drawing(
        summary=(
            "A picture of a penguin gets a score for each of three classes. Softmax turns the scores "
            "into probabilities. The loss is minus the logarithm of the right class's probability. "
            "Going back, each score gets its probability minus the truth, which is 1 for the penguin "
            "and 0 for the others."
        ),
        code=(CODE.format(", ".join(f"{score:g}" for score in scores)),),
    )
    more: dict[str, Any] = {"size": (100, 40)}
    for row, name in enumerate(CLASSES):
        y, tall = 58 + 78 * row, 60 + 74 * row
        above = ("score", "probability") if row == 0 else ("", "")
        drawing.text(f"{name}", name, (60, y), (40, tall), tone="" if row == TRUTH else "faint")
        drawing.box(f"score {name}", f"{scores[row]:.2f}", (210, y), (134, tall), **more, label=above[0], narrowSize=(76, 40),
            lines=["logits = "], note=f"The score (logit) of {name}: any number; the highest wins.")  # fmt: skip
        drawing.box(f"prob {name}", f"{shares[row]:.4f}", (420, y), (262, tall), **more, label=above[1], narrowSize=(84, 40),
            lines=["probs = "], note=f"The probability of {name}. The three add up to 1.")  # fmt: skip
        drawing.arrow(f"score {name}", f"prob {name}")
        drawing.arrow(f"prob {name}", f"score {name}", name=f"back {name}", bend=36, narrowBend=-26,
            label=f"{pulls[row]:+.3f}".replace("-", "−"), backward=True, onlyLit=True, lines=["loss.backward"])  # fmt: skip
    at = min(range(len(PROBS)), key=lambda i: abs(PROBS[i] - shares[TRUTH]))
    drawing.curve("curve", [(p, -math.log(p)) for p in PROBS], (640, 142), (92, 348), size=(150, 130), narrowSize=(130, 100),
        mark=at, label="−ln", detail="probability, 0 to 1", lines=["loss = "],
        note="Minus the natural logarithm: 0 at probability 1, 0.69 at one half, and without limit towards 0.")  # fmt: skip
    drawing.box("loss", f"{loss.item():.3f}", (840, 142), (272, 348), size=(100, 58), tone="accent", label="loss",
        lines=["loss = "], note="One number for the whole answer: 0 if it is perfect, without limit if it is not.")  # fmt: skip
    drawing.arrow("prob penguin", "curve", name="to the curve")
    drawing.arrow("curve", "loss", name="to the loss")
    drawing.arrow(
        "loss",
        "prob penguin",
        bend=150,
        narrowBend=40,
        backward=True,
        onlyLit=True,
        name="back to probs",
    )

    names = [f"score {name}" for name in CLASSES]
    best = max(range(3), key=lambda k: scores[k])
    drawing.step(
        "The network gives scores",
        f"The picture shows a penguin. The network's last layer gives one score per class. The highest is "
        f"{scores[best]:.2f}, for {CLASSES[best]}.",
        names,
    )
    drawing.step(
        "Softmax: scores become probabilities",
        f"exp of each score, divided by the sum of all three: the results are positive and add up to 1. "
        f"The penguin gets {shares[TRUTH]:.4f}.",
        [*(f"prob {name}" for name in CLASSES), *(f"score {name}>prob {name}" for name in CLASSES)],
    )
    drawing.step(
        "Only the right class counts",
        f"The loss asks one thing: how much probability went to the truth? −ln {shares[TRUTH]:.4f} = {loss.item():.3f}. "
        f"At 1 the loss would be 0; at {1 / 3:.4f}, which is guessing, {math.log(3):.3f}.",
        ["prob penguin", "to the curve", "curve", "to the loss", "loss"],
    )
    drawing.step(
        "Back: probability minus truth",
        f"The truth is 1 for the penguin and 0 for the others, so the scores get {_signed(pulls[0])}, {_signed(pulls[1])} "
        f"and {_signed(pulls[2])}. A positive number means: this score should go down.",
        ["back to probs", "loss", *(f"back {name}" for name in CLASSES)],
    )
    drawing.step(
        "How hard it pulls",
        f"{_verdict(example)} The score of the penguin is pulled up with a strength of {-pulls[TRUTH]:.3f}, and it can be "
        "1 at the most.",
        ["back penguin", "score penguin"],
    )
    return drawing


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _verdict(example: int) -> str:
    return (
        "The network is sure and wrong: this is where the loss pulls hardest.",
        "The network is undecided, so there is much to gain.",
        "The answer is right and sure: little is left to learn.",
    )[example]
