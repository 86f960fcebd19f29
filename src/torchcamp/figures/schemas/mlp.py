"""A fully connected network as the lecture draws it: forward, the loss, the way back, the step."""

import copy
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, from_lowest, schema
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 12
AMONG = 300  # the examples are those of the first test pictures that the network finds hardest
RATE = 0.1  # of the step that is shown
UNITS_SHOWN = 4
ROWS = (58, 106, 154, 202)  # of the units, on the page


def whole(mlp: Any, images: Images) -> Schema:
    """One training step on one picture, with the numbers of `mlp`."""
    return schema(lambda example: draw(mlp, images, example), NUM_EXAMPLES)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One picture's way forward and back, and a step of gradient descent by RATE.

    hidden: the units of the first and of the last hidden layer, after ReLU. difference: probs minus
    one-hot target, (K,). unit: the most active of the last hidden units. weight, gradient: of the
    weight between that unit and the right class. unit_gradient: dL/dh of that unit. probs_after:
    (K,), the probabilities once all weights have moved.
    """

    picture: Tensor
    label: int
    hidden: tuple[Tensor, Tensor]
    logits: Tensor
    probs: Tensor
    difference: Tensor
    loss: float
    unit: int
    weight: float
    gradient: float
    unit_gradient: float
    probs_after: Tensor

    @property
    def weight_after(self) -> float:
        return self.weight - RATE * self.gradient


def hardest(mlp: Any, images: Images) -> Tensor:
    """The numbers of the test pictures with the largest losses, the largest first."""
    pictures, labels = images.test_images[:AMONG].float() / 255, images.test_labels[:AMONG]
    with torch.no_grad():
        losses = F.cross_entropy(mlp(pictures), labels, reduction="none")
    return losses.argsort(descending=True)[:NUM_EXAMPLES]


def one_step(mlp: Any, picture: Tensor, label: int) -> Step:
    """The step on `picture` (1, H, W), in eval mode; `mlp` itself stays as it is."""
    network = copy.deepcopy(mlp).eval()
    layers = list(network.hidden)
    units, x = [], picture[None].flatten(start_dim=1)
    for layer in layers:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            units.append(x)
    x.retain_grad()
    logits = network.output(x)
    target = torch.tensor([label])
    loss = F.cross_entropy(logits, target)
    loss.backward()
    unit = int(x[0].argmax())
    grads, weight = network.output.weight.grad, network.output.weight[label, unit].item()
    assert grads is not None
    assert x.grad is not None
    gradient = grads[label, unit].item()
    torch.optim.SGD(network.parameters(), lr=RATE).step()
    with torch.no_grad():
        after = network(picture[None]).softmax(dim=1)[0]
    probs = logits.detach().softmax(dim=1)[0]
    return Step(
        picture=picture,
        label=label,
        hidden=(units[0][0].detach(), units[-1][0].detach()),
        logits=logits[0].detach(),
        probs=probs,
        difference=probs - F.one_hot(target[0], len(probs)),
        loss=loss.item(),
        unit=unit,
        weight=weight,
        gradient=gradient,
        unit_gradient=x.grad[0, unit].item(),
        probs_after=after,
    )


def number(value: float, digits: int = 2) -> str:
    """With a real minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")


def draw(mlp: Any, images: Images, example: int) -> Drawing:
    """The drawing of the test picture that is `example`-th among the hardest."""
    index = int(hardest(mlp, images)[example])
    picture = images.test_images[index].float() / 255
    step = one_step(mlp, picture, int(images.test_labels[index]))
    drawing = Drawing(
        summary=(
            "A picture's pixels go through two layers of units, each joined to all units before it, to "
            "a score for each class and to probabilities. Their difference to what is right makes the "
            "loss; from the loss, gradients go back layer by layer, and every weight moves a little."
        ),
        code=("models/mlp.py::MLP.forward", "models/mlp.py::mlp_loss", "models/mlp.py::train_step"),
    )
    names = list(images.class_names)
    _forward_parts(drawing, step, names)
    _backward_parts(drawing, step, names)
    _forward_steps(drawing, step, names)
    _backward_steps(drawing, step, names, sum(p.numel() for p in mlp.parameters()))
    return drawing


def _shown_units(values: Tensor) -> list[int]:
    """Three that are on, spread over all of them, and one that is off, in their order."""
    on, off = (values > 0.3).nonzero().flatten(), (values <= 0.3).nonzero().flatten()
    chosen = [int(on[i * (len(on) - 1) // 2]) for i in range(UNITS_SHOWN - 1)] if len(on) else []
    return sorted({*chosen, *off[len(off) // 2 :][:1].tolist()})


def _forward_parts(drawing: Drawing, step: Step, names: list[str]) -> None:
    drawing.picture(
        "picture",
        step.picture[0],
        (58, 130),
        (50, 108),
        narrowSize=(76, 76),
        size=(92, 92),
        label="picture",
        detail=" × ".join(map(str, step.picture.shape)),
        lines=["images.flatten"],
        note="The input: one number per pixel, 0 for black and 1 for white.",
    )
    first, last = step.hidden
    columns = (
        ("x", step.picture.flatten(), 150, 134, "pixels", "images.flatten"),
        ("h", first, 262, 220, "units", "self.hidden(x)"),
        ("k", last, 374, 306, "units", "self.hidden(x)"),
    )
    for name, values, x, narrow_x, what, line in columns:
        for row, index in enumerate(_shown_units(values)):
            drawing.unit(
                f"{name}{row}",
                number(float(values[index]), 1),
                (x, ROWS[row]),
                (narrow_x, ROWS[row] - 22),
                size=(40, 40),
                lines=[line],
                note=f"Number {index + 1} of the {len(values)} {what} of this layer, and its value for this picture.",
            )
        drawing.text(f"{name}s", f"{len(values)} {what}", (x, 240), (narrow_x, 216))
    _score_parts(drawing, step, names)
    _connections(drawing)


def _score_parts(drawing: Drawing, step: Step, names: list[str]) -> None:
    """Scores, probabilities, what should be, and the difference: one line per class."""
    bars = (
        ("scores", from_lowest(step.logits), 494, 48, "scores", "logits = self.output"),
        ("probs", step.probs.tolist(), 624, 142, "probabilities", "F.cross_entropy"),
        ("target", _one_hot(step), 754, 236, "should be", "F.cross_entropy"),
    )
    for name, values, x, narrow_x, label, line in bars:
        drawing.bars(
            name,
            values,
            (x, 130),
            (narrow_x, 368),
            size=(108, 200),
            narrowSize=(80, 200),
            names=names,
            chosen=step.label,
            label=label,
            lines=[line],
        )
    drawing.cells(
        "difference",
        _rounded(step.difference),
        (862, 130),
        (320, 368),
        size=(48, 200),
        digits=2,
        label="difference",
        lines=["F.cross_entropy"],
        note="Probability minus what it should be: the gradient of the loss with respect to each score.",
    )


def _connections(drawing: Drawing) -> None:
    """Lines from every unit that is drawn to every unit of the next layer, and arrows to the end."""
    for start, end in (("x", "h"), ("h", "k")):
        for i in range(UNITS_SHOWN):
            for j in range(UNITS_SHOWN):
                if {f"{start}{i}", f"{end}{j}"} <= {part["name"] for part in drawing.parts}:
                    drawing.arrow(f"{start}{i}", f"{end}{j}", headless=True, tone="faint")
    for j in range(UNITS_SHOWN):
        if f"k{j}" in {part["name"] for part in drawing.parts}:
            drawing.arrow(f"k{j}", "scores", headless=True, tone="faint", only="at")
    drawing.arrow("ks", "scores", only="narrow")
    for start, end in (("scores", "probs"), ("probs", "target"), ("target", "difference")):
        drawing.arrow(start, end, headless=start != "scores")


def _backward_parts(drawing: Drawing, step: Step, names: list[str]) -> None:
    right = step.difference[step.label]
    active = float(step.hidden[1][step.unit])
    boxes = (
        ("loss", f"loss {step.loss:.3f}", f"−ln {step.probs[step.label]:.3f}", (836, 306), (268, 530),
         "F.cross_entropy", "One number: how surprised the network is by the right answer."),
        ("at_scores", "∂L/∂score", f"{number(float(right))} for the {names[step.label]}", (656, 306), (92, 530),
         "backward()", "How the loss changes with each score: probability minus what it should be."),
        ("at_weight", "∂L/∂W", f"{number(float(right))} × {active:.2f}", (476, 306), (92, 610),
         "backward()", "A weight's gradient: the gradient at its score times the unit that it weighs."),
        ("at_hidden", "∂L/∂h", f"{number(step.unit_gradient)} at one unit", (296, 306), (268, 610),
         "backward()", "A hidden unit reaches all scores, so it adds up what comes back from each of them."),
        ("at_first", "first layers", "the same again", (116, 306), (268, 690),
         "backward()", "The chain rule goes on, layer by layer, to the very first weights."),
    )  # fmt: skip
    for name, text, detail, at, narrow, line, note in boxes:
        drawing.box(name, text, at, narrow, size=(150, 50), detail=detail, lines=[line], note=note)
    update = "optimizer.step()"
    drawing.box("before", f"W = {number(step.weight, 4)}", (216, 396), (92, 770), size=(140, 50),
        detail="now", lines=[update], note="One of the weights of the last layer.")  # fmt: skip
    drawing.text("minus", "−", (312, 396), (178, 770))
    drawing.box("move", f"{RATE} × ({number(step.gradient, 4)})", (430, 396), (268, 770), size=(156, 50),
        detail="ρ · ∂L/∂W", lines=[update], note="The rate ρ times the gradient: how far this weight moves.")  # fmt: skip
    drawing.text("equals", "=", (546, 396), (178, 836))
    drawing.box("after", f"W = {number(step.weight_after, 4)}", (650, 396), (268, 836), size=(140, 50),
        detail="after the step", tone="good", lines=[update])  # fmt: skip
    drawing.arrow("target", "loss")  # what the right class was given
    for start, end in (
        ("loss", "at_scores"),
        ("at_scores", "at_weight"),
        ("at_hidden", "at_first"),
        ("at_weight", "move"),
    ):
        drawing.arrow(start, end, backward=True)
    # Past the weight's gradient: what comes back to a unit comes from the scores.
    drawing.arrow("at_scores", "at_hidden", backward=True, bend=70, narrowBend=0)


def _lines_between(drawing: Drawing, start: str, end: str) -> list[str]:
    return [
        arrow["name"]
        for arrow in drawing.arrows
        if arrow["start"][0] == start and arrow["end"].startswith(end) and arrow.get("headless")
    ]


def _units(drawing: Drawing, name: str) -> list[str]:
    return [
        part["name"] for part in drawing.parts if part["name"][0] == name and part["kind"] == "unit"
    ]


def _forward_steps(drawing: Drawing, step: Step, names: list[str]) -> None:
    first, last = step.hidden
    pixels, best = step.picture.numel(), int(step.probs.argmax())
    right = names[step.label]
    drawing.step(
        "A picture becomes one long row",
        f"The {pixels} pixels are laid behind one another; four of them are drawn. The network does not "
        "know which pixels were neighbours.",
        ["picture", *_units(drawing, "x"), "xs"],
    )
    drawing.step(
        "Every unit weighs every pixel",
        f"Each of the {len(first)} units has a weight for each of the {pixels} pixels: {pixels * len(first):,} weights in "
        "one layer. A unit adds up weight times pixel, and ReLU turns a negative sum into 0. For this picture "
        f"{int((first == 0).sum())} of the {len(first)} units are 0.",
        [*_units(drawing, "h"), "hs", *_lines_between(drawing, "x", "h")],
    )
    drawing.step(
        "The next layer does the same with the units",
        f"{len(last)} units, each with a weight for every unit before it. The first units respond to groups of pixels, these respond to groups of such units.",
        [*_units(drawing, "k"), "ks", *_lines_between(drawing, "h", "k")],
    )
    drawing.step(
        "A score for each class",
        f"Ten weighted sums, one per class. They may have any size and sign and are called logits. The bars begin at the lowest. The highest is {number(float(step.logits[best]), 1)}, for {names[best]}.",
        ["scores", *_lines_between(drawing, "k", "scores"), "ks>scores"],
    )
    drawing.step(
        "Scores become probabilities",
        f"Softmax: exp of each score, divided by the sum of them all. The network says {names[best]} with {100 * step.probs[best]:.1f} %.",
        ["scores>probs", "probs"],
    )
    drawing.step(
        "The difference to what is right",
        f"It is a {right}: that class should have 1, all others 0. So the difference is {step.probs[step.label]:.2f} − 1 = "
        f"{number(float(step.difference[step.label]))} for the {right}, and the probability itself for the others.",
        ["target", "difference", "probs>target", "target>difference"],
    )
    drawing.step(
        "The loss: one number for how wrong",
        f"Cross-entropy is minus the logarithm of the probability that the right class got: −ln {step.probs[step.label]:.3f} = {step.loss:.3f}. "
        "Had the network been sure and right, it would be 0. A real step takes the mean over a batch of pictures.",
        ["target>loss", "loss"],
    )


def _backward_steps(drawing: Drawing, step: Step, names: list[str], num_weights: int) -> None:
    right = names[step.label]
    slope = float(step.difference[step.label])
    active = float(step.hidden[1][step.unit])
    drawing.step(
        "Back to the scores",
        f"Which way should each score go? Its gradient is the difference above. {number(slope)} for the {right}: "
        "negative, so the loss falls when this score rises. For all others it is positive: they should fall.",
        ["loss>at_scores", "at_scores", "difference"],
    )
    drawing.step(
        "From a score to its weights",
        f"Every unit adds W times h to the score of the {right}, its weight W times its value h. So the score's gradient with respect to W is h. "
        f"For the most active of all {len(step.hidden[1])} units h is {active:.3f}, and by the chain rule ∂L/∂W = {number(slope, 3)} × {active:.3f} = {number(step.gradient)}.",
        ["at_scores>at_weight", "at_weight"],
    )
    drawing.step(
        "And through all layers",
        f"Each hidden unit collects what comes back from all ten scores, {number(step.unit_gradient, 3)} in all for that unit. From there it "
        "goes on to the weights before it. One backward pass finds the gradients of all weights.",
        ["at_scores>at_hidden", "at_hidden", "at_hidden>at_first", "at_first"],
    )
    drawing.step(
        "The step: every weight moves",
        f"W ← W − ρ ∂L/∂W with the rate ρ = {RATE}: {number(step.weight, 4)} − {RATE} × ({number(step.gradient, 4)}) = {number(step.weight_after, 4)}. "
        f"All {num_weights:,} weights move by the same rule, each by its own gradient.",
        ["at_weight>move", "before", "minus", "move", "equals", "after"],
    )
    after = step.probs_after
    drawing.step(
        "The same picture again",
        f"After this one step the {right} gets {100 * after[step.label]:.1f} % instead of {100 * step.probs[step.label]:.1f} %. That is "
        "too much for one picture: on others the network may now be worse. So training takes thousands of smaller steps, each for a whole batch.",
        ["probs", "difference"],
        probs={"values": after.tolist()},
        difference={"values": _rounded(after - torch.tensor(_one_hot(step))).tolist()},
    )


def _rounded(difference: Tensor) -> Tensor:
    """As it is written into a column of squares: (K, 1)."""
    return difference[:, None].double().mul(100).round().div(100)


def _one_hot(step: Step) -> list[float]:
    return [float(k == step.label) for k in range(len(step.probs))]
