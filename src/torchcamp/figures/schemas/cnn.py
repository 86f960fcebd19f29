"""The CNN as the lecture draws it: volumes that shrink and thicken, CONV, BN, ReLU, FC, SM."""

import math

import torch.nn.functional as F
from torch import nn

from torchcamp.data.images import Images
from torchcamp.figures.feature_maps import see
from torchcamp.figures.schemas.drawing import Drawing, from_lowest, schema
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 12


def whole(cnn: nn.Module, images: Images) -> Schema:
    """One test picture's way through `cnn`, from its pixels to the probability of each class."""
    return schema(lambda example: draw(cnn, images, example), NUM_EXAMPLES)


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw(cnn: nn.Module, images: Images, example: int) -> Drawing:
    """The drawing of test picture `example`."""
    picture = images.test_images[example].float() / 255  # (1, H, W)
    label = int(images.test_labels[example])
    seen = see(cnn, picture)
    conv1, conv2, conv3 = (seen.layers[name] for name in ("conv1", "conv2", "conv3"))
    pooled2, pooled3 = F.max_pool2d(conv2, 2), F.max_pool2d(conv3, 2)
    probs, best = seen.probs.tolist(), int(seen.probs.argmax())
    names = list(images.class_names)
    scores = seen.logits.tolist()
    silent = 100 * float((conv1 == 0).float().mean())
    features = pooled3.numel()

    def size(maps) -> str:
        return " × ".join(map(str, maps.shape))

    drawing = Drawing(
        summary=(
            "A picture passes three blocks of convolution, batch norm and ReLU, which turn it into "
            "more and smaller maps; a fully connected layer makes a score of each class from the "
            "last maps, and softmax turns the scores into probabilities."
        ),
        code=("models/cnn.py::CNN.forward", "models/cnn.py::predict"),
    )
    blocks = ("x = self.conv1(images)", "self.conv2(x)", "self.conv3(x)")
    drawing.picture(
        "picture",
        picture[0],
        (66, 102),
        (66, 74),
        size=(96, 96),
        label="picture",
        detail=size(picture),
        note="The input: one number per pixel, 0 for black and 1 for white.",
        lines=["def forward"],
    )
    drawing.maps(
        "maps1",
        conv1,
        (228, 102),
        (66, 236),
        size=(92, 102),
        shown=5,
        label="maps",
        detail=size(conv1),
        lines=blocks[:1],
        note="Each map is what one filter found, and where. Five of them are drawn.",
    )
    drawing.maps(
        "maps2",
        pooled2,
        (390, 102),
        (66, 396),
        size=(76, 76),
        shown=5,
        label="smaller maps",
        detail=size(pooled2),
        lines=blocks[1:2],
        note="The second block's filters see all maps of the first at once; pooling halves the size.",
    )
    drawing.maps(
        "maps3",
        pooled3,
        (540, 102),
        (66, 546),
        size=(60, 60),
        shown=4,
        label="smaller still",
        detail=size(pooled3),
        lines=blocks[2:],
        note="Little is left of where, much is known of what.",
    )
    drawing.bars(
        "scores",
        from_lowest(scores),
        (690, 102),
        (84, 722),
        size=(110, 150),
        names=names,
        chosen=best,
        label="scores (logits)",
        lines=["logits = self.output(x)"],
        note="One number per class, of any size and sign; drawn from the lowest to the highest.",
    )
    drawing.bars(
        "probs",
        probs,
        (846, 102),
        (272, 722),
        size=(110, 150),
        names=names,
        chosen=best,
        label="probabilities",
        lines=["probs = logits.softmax"],
        note="Positive numbers that add up to 1.",
    )
    for number, (x, narrow_y) in enumerate(((147, 158), (309, 324), (465, 478)), 1):
        _block(drawing, number, x, narrow_y, blocks[number - 1])
    drawing.box("fc", "FC", (615, 234), (146, 612), size=(60, 28), lines=["self.output(x)", "flatten"],
        note=f"Fully connected: each score is a weighted sum of all {features} numbers of the last maps.")  # fmt: skip
    drawing.box("sm", "SM", (768, 234), (178, 760), size=(60, 28), lines=["probs = logits.softmax"],
        note="Softmax: exp of each score, divided by the sum of them all.")  # fmt: skip
    for start, end in (("picture", "maps1"), ("maps1", "maps2"), ("maps2", "maps3"), ("maps3", "scores"), ("scores", "probs")):  # fmt: skip
        drawing.arrow(start, end)

    right = "which is right" if best == label else f"but it is a {names[label]}"
    drawing.step(
        "A picture is a grid of numbers",
        f"{picture.numel()} numbers between 0 and 1 go in. The network has never seen this picture.",
        ["picture"],
    )
    drawing.step(
        "CONV: small filters look everywhere",
        f"{conv1.shape[0]} filters of 5 × 5 weights slide over the picture, two pixels at a time. "
        f"Each leaves a map of {conv1.shape[1]} × {conv1.shape[2]} numbers: large where the picture looks like the filter.",
        ["conv1", "picture>maps1", "maps1"],
    )
    drawing.step(
        "BN and ReLU: a known scale, and nothing below zero",
        "Batch norm shifts and scales each map so that the next layer meets numbers of a known size. "
        f"ReLU sets negative numbers to 0: {silent:.0f} % of the first maps are exactly 0 for this picture.",
        ["bn1", "relu1", "maps1"],
    )
    drawing.step(
        "The same again, on the maps",
        "The second block's filters look at all the maps below them, so they can find combinations: "
        "an edge above a curve. Pooling keeps the largest of each 2 × 2 numbers and halves the size.",
        ["conv2", "bn2", "relu2", "pool2", "maps1>maps2", "maps2"],
    )
    drawing.step(
        "And once more",
        f"{pooled3.shape[0]} maps of {pooled3.shape[1]} × {pooled3.shape[2]} are left. Seen from here, one number "
        "depends on a large part of the picture.",
        ["conv3", "bn3", "relu3", "pool3", "maps2>maps3", "maps3"],
    )
    drawing.step(
        "FC: a score for each class",
        f"The {features} numbers are laid in one row. Each class has a weight for every one of them; "
        f"the weighted sum is its score. The highest is {scores[best]:.1f}, for {names[best]}.",
        ["fc", "maps3>scores", "scores"],
    )
    drawing.step(
        "SM: scores become probabilities",
        f"Softmax makes positive numbers of the scores that add up to 1. The network says {names[best]} with "
        f"{100 * probs[best]:.2f} %, {right}. For the right class, the loss would be "
        f"−ln {probs[label]:.4f} = {-math.log(max(probs[label], 1e-12)):.4f}.",
        ["sm", "scores>probs", "probs"],
    )
    return drawing


def _block(drawing: Drawing, number: int, x: float, narrow_y: float, line: str) -> None:
    """The operations between two volumes: one under the other, on a phone side by side."""
    notes = {
        "conv": ("CONV", "Convolution: one small filter, slid over the whole picture."),
        "bn": ("BN", "Batch norm: each map is shifted and scaled to a known mean and spread."),
        "relu": ("ReLU", "max(0, x): what is negative becomes 0."),
        "pool": ("POOL", "The largest of each 2 × 2 numbers."),
    }
    if number == 1:
        del notes["pool"]
    for row, (name, (text, note)) in enumerate(notes.items()):
        drawing.box(
            f"{name}{number}",
            text,
            (x, 200 + 34 * row),
            (146 + 61 * row, narrow_y),
            size=(58, 28),
            note=note,
            lines=[line],
        )
