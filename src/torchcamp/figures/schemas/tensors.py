"""A picture's way through one layer: numbers, a tensor with a shape, a module, ten scores."""

import torch
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, from_lowest, schema
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 12
NUM_FITTED = 2000  # pictures that the layer's numbers are computed from
WINDOW = 5  # rows and columns of the picture whose numbers are written out


class OneLayer(nn.Module):
    """Pictures (N, 1, 28, 28) to a score for each of ten digits, (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.output = nn.Linear(784, 10)  # weight (10, 784), bias (10,)

    def forward(self, images: Tensor) -> Tensor:
        x = images.flatten(start_dim=1)  # (N, 784)
        scores = self.output(x)  # (N, 10)
        return scores


def one_layer(images: Images) -> OneLayer:
    """A layer for pictures of 28 x 28 and ten classes, its numbers the solution of an equation.

    They make the score of the right class close to 1 and the others close to 0: least squares over
    the first `NUM_FITTED` training pictures, with a little added to the diagonal.
    """
    x = images.train_images[:NUM_FITTED].flatten(start_dim=1).double() / 255
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)  # the last column multiplies the bias
    y = nn.functional.one_hot(images.train_labels[:NUM_FITTED], 10).double()
    solution = torch.linalg.solve(x.T @ x + 10 * torch.eye(x.shape[1]), x.T @ y)  # (785, 10)
    network = OneLayer()
    with torch.no_grad():
        network.output.weight.copy_(solution[:-1].T)
        network.output.bias.copy_(solution[-1])
    return network


@torch.no_grad()
def share_right(network: OneLayer, images: Images) -> float:
    """The share of the test pictures whose highest score is that of the right digit."""
    scores = network(images.test_images.float() / 255)
    return (scores.argmax(dim=1) == images.test_labels).float().mean().item()


def whole(network: OneLayer, images: Images) -> Schema:
    """One test picture as numbers, as a tensor, and on its way through `network`."""
    return schema(lambda example: draw(network, images, example), NUM_EXAMPLES)


# Longer than 60 lines: a drawing is the list of its parts and steps.
@torch.no_grad()
def draw(network: OneLayer, images: Images, example: int) -> Drawing:
    """The drawing of test picture `example`."""
    batch = images.test_images[example : example + 1].float() / 255  # (1, 1, 28, 28)
    picture, label = batch[0, 0], int(images.test_labels[example])
    scores = network(batch)[0]
    best = int(scores.argmax())
    weights = network.output.weight[best]  # (784,)
    total, bias = round(float(scores[best]), 2), round(float(network.output.bias[best]), 2)
    product = total - bias  # of rounded numbers, so that the sum holds as it is printed
    top, left = _window(picture)
    row, column = top + 2, left + 2
    cell = 28 * row + column

    drawing = Drawing(
        summary=(
            "A picture is 28 rows of 28 numbers. A tensor holds them in one row of memory and reads "
            "them by its shape and strides. A module with 7,850 parameters makes ten scores of them."
        ),
        code=(
            "x = images.test_images[:1] / 255  # (1, 1, 28, 28)\nscores = network(x)  # (1, 10)",
            "figures/schemas/tensors.py::OneLayer",
        ),
    )
    drawing.picture(
        "picture",
        picture,
        (84, 96),
        (84, 90),
        size=(116, 116),
        label="picture",
        detail="28 × 28",
        lines=["images.test_images"],
        note="A grey picture: one number per pixel, 0 for black, 1 for white.",
    )
    scale = 116 / 28
    drawing.box(
        "window",
        "",
        (84 + (left + 2.5 - 14) * scale, 96 + (top + 2.5 - 14) * scale),
        (84 + (left + 2.5 - 14) * scale, 90 + (top + 2.5 - 14) * scale),
        size=(5 * scale, 5 * scale),
        over=True,
        tone="accent",
    )
    drawing.cells(
        "numbers",
        picture[top : top + WINDOW, left : left + WINDOW].mul(10).round() / 10,
        (262, 96),
        (262, 90),
        cell=27,
        digits=1,
        label="its numbers",
        detail=f"rows {top}–{top + 4}, columns {left}–{left + 4}",
        note="A window of 5 × 5 of the 784 numbers, rounded to one digit.",
    )
    drawing.box(
        "tensor",
        "x",
        (430, 66),
        (80, 230),
        size=(124, 46),
        detail="(1, 1, 28, 28)",
        lines=["images.test_images", "def forward"],
        note="The shape, from the left: 1 picture, 1 value per pixel, 28 rows, 28 columns.",
    )
    drawing.box(
        "flat",
        "flatten",
        (430, 148),
        (262, 230),
        size=(124, 46),
        detail="(1, 784)",
        lines=["images.flatten"],
        note="The same numbers read as one row per picture.",
    )
    drawing.picture(
        "weight",
        weights.view(28, 28),
        (606, 84),
        (80, 348),
        size=(104, 104),
        signed=True,
        label=f"weights for {best}",
        detail="784 of 7,840",
        lines=["nn.Linear"],
        note=f"One weight per pixel. Orange adds to the score of {best} where the picture is bright, blue takes away.",
    )
    drawing.box(
        "linear",
        "Linear",
        (606, 204),
        (262, 348),
        size=(124, 46),
        detail="7,850 numbers",
        lines=["self.output"],
        note="The layer, a module inside the module: 10 × 784 weights and 10 biases.",
    )
    drawing.bars(
        "scores",
        from_lowest(scores),
        (812, 118),
        (180, 528),
        size=(150, 150),
        narrowSize=(220, 150),
        names=[str(digit) for digit in range(10)],
        chosen=best,
        label="scores",
        detail="(1, 10)",
        lines=["scores = self.output", "scores = network"],
        note="One number per digit, drawn from the lowest to the highest. The highest is the answer.",
    )
    drawing.picture(
        "memory",
        picture.reshape(1, 784),
        (460, 296),
        (180, 686),
        size=(784, 26),
        narrowSize=(340, 26),
        label="memory: one row of 784 cells",
        detail="strides (784, 784, 28, 1)",
        note="The pixels lie here row after row. The first two strides, 784 each, would lead past this picture to the next.",
    )
    drawing.box(
        "cell",
        "",
        (460 + 784 * (cell / 784 - 0.5), 296),
        (180 + 340 * (cell / 784 - 0.5), 686),
        size=(8, 38),
        over=True,
        tone="accent",
        hidden=True,
    )
    drawing.arrow("picture", "numbers")
    drawing.arrow("numbers", "tensor")
    drawing.arrow("tensor", "flat")
    drawing.arrow("flat", "linear")
    drawing.arrow("weight", "linear")
    drawing.arrow("linear", "scores")

    drawing.step(
        "A picture is a table of numbers",
        "28 rows of 28 pixels, each a number from 0 for black to 1 for white. The framed 5 × 5 of them "
        "are written out beside the picture.",
        ["picture", "window", "picture>numbers", "numbers"],
    )
    drawing.step(
        "A tensor: numbers with a shape",
        "PyTorch holds the numbers in a tensor x. Its shape says how they are arranged: 1 picture, "
        "1 value per pixel (a colour picture would have 3), 28 rows, 28 columns.",
        ["numbers>tensor", "tensor"],
    )
    drawing.step(
        "In memory they lie in one row",
        f"A computer's memory has no rows and columns. The pixel in row {row}, column {column} lies in cell "
        f"28 · {row} + {column} = {cell}: one row down is 28 cells further, one column to the right is 1. "
        "These steps are the last two of the tensor's strides. The first two would lead to the next picture "
        "and the next colour, 784 cells further, and there is none.",
        ["memory", "cell"],
        cell={"hidden": False},
    )
    drawing.step(
        "Another shape, the same memory",
        "The layer wants one row of numbers per picture. So flatten changes the shape to (1, 784). It "
        "moves nothing: in memory the numbers lay in one row all along.",
        ["tensor>flat", "flat", "memory"],
    )
    drawing.step(
        "A module holds parameters",
        f"The layer keeps 784 weights and one bias for each of the ten digits. A weight says how much a pixel "
        f"speaks for the digit, the bias is added at the end. The weights for {best} are drawn as a picture: orange "
        "is above zero, blue below.",
        ["weight", "weight>linear", "linear"],
    )
    drawing.step(
        "Ten scores come out",
        f"For each digit: multiply each pixel by its weight, add it all up, add the bias. For {best}: "
        f"{product:.2f} + {bias:.2f} = {total:.2f}, the highest score, so the answer is {best}"
        f"{', which is right.' if best == label else f'. It is wrong: this is a {label}.'} "
        "The bars begin at the lowest score.",
        ["flat>linear", "linear", "linear>scores", "scores"],
    )
    return drawing


def _window(picture: Tensor) -> tuple[int, int]:
    """Row and column where the window begins whose numbers differ most, in the picture's middle."""
    windows = picture.unfold(0, WINDOW, 1).unfold(1, WINDOW, 1)  # (24, 24, 5, 5)
    spread = windows.std(dim=(2, 3))[6:18, 6:18]
    place = int(spread.argmax())
    return 6 + place // 12, 6 + place % 12
