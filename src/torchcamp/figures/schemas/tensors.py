"""From a picture to scores: numbers in a grid, in memory, in a batch, through a module."""

import torch
from torch import nn

from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 6
SIDE = 4  # of the corner whose numbers are shown


def whole(mlp: nn.Module, images: Images) -> Schema:
    """One test picture's way through `mlp`, with the shape at each place."""
    return schema(lambda example: draw(mlp, images, example), NUM_EXAMPLES)


# Longer than 60 lines: a drawing is the list of its parts and steps.
@torch.no_grad()
def draw(mlp: nn.Module, images: Images, example: int) -> Drawing:
    """The drawing of test picture `example`."""
    picture = images.test_images[example, 0].float() / 255  # (H, W)
    mlp.eval()
    scores = mlp(picture[None, None])[0]  # (K,)
    best = int(scores.argmax())
    names = list(images.class_names)
    top, left = _busiest(picture)
    corner = picture[top : top + SIDE, left : left + SIDE].round(decimals=1)  # (SIDE, SIDE)
    parameters = sum(parameter.numel() for parameter in mlp.parameters())
    weight = next(p for p in mlp.parameters() if p.dim() == 2)
    height, width = picture.shape
    drawing = Drawing(
        summary=(
            "A picture is a grid of numbers. In memory the numbers lie in one row, and a shape and "
            "strides say how to read them. A module with parameters turns the picture into one score "
            "for each class."
        ),
        code=("models/mlp.py::MLP.forward",),
    )
    drawing.picture("picture", picture, (70, 110), (76, 104), size=(112, 112), label="a picture",
        detail=f"shape ({height}, {width})", note=f"{picture.numel()} numbers, 0 for black and 1 for white.")  # fmt: skip
    drawing.cells("corner", corner, (250, 110), (258, 104), cell=36, digits=1, label=f"{SIDE} × {SIDE} of its numbers",
        detail=f"shape ({SIDE}, {SIDE}), strides ({SIDE}, 1)", note="A corner of the picture, copied into memory of its own. In the whole picture the next row is 28 cells on.")  # fmt: skip
    drawing.cells("memory", corner.flatten()[None], (250, 264), (180, 256), cell=20, label="the same numbers in memory",
        detail="one row of cells, 0 to 15")  # fmt: skip
    drawing.box("tensor", "(1, 1, 28, 28)" if (height, width) == (28, 28) else f"(1, 1, {height}, {width})",
        (440, 110), (94, 356), size=(124, 52), detail="a batch of one", tone="second", lines=["def forward", "images.flatten"],
        note="Layers take batches: pictures, channels, rows, columns.")  # fmt: skip
    drawing.box("module", "MLP", (610, 110), (266, 356), size=(124, 52), detail=f"{parameters:,} numbers", tone="accent",
        lines=["self.hidden", "self.output"],
        note=f"A module: layers and their parameters. Its first weight has the shape {tuple(weight.shape)}: outputs first.")  # fmt: skip
    drawing.bars("scores", _shares(scores), (808, 110), (180, 500), size=(150, 150), names=names, chosen=best,
        label="scores", detail=f"shape (1, {len(names)})", lines=["return logits"], note="One number per class. The highest wins.")  # fmt: skip
    drawing.arrow("picture", "corner")
    drawing.arrow("corner", "memory")
    drawing.arrow("memory", "tensor")
    drawing.arrow("tensor", "module")
    drawing.arrow("module", "scores")
    row, column = 2, 1
    drawing.step(
        "A picture is a grid of numbers",
        f"{height} rows of {width} numbers: its shape is ({height}, {width}). Beside it, a corner of {SIDE} × {SIDE} numbers.",
        ["picture", "picture>corner", "corner"],
    )
    drawing.step(
        "In memory, all numbers lie in one row",
        f"We copied the corner into memory of its own. The shape says how to read it, the strides how far to jump: {SIDE} cells for the next row, 1 for the next column. "
        f"The number in row {row}, column {column} lies in cell {SIDE} · {row} + 1 · {column} = {SIDE * row + column}.",
        ["corner", "corner>memory", "memory"],
    )
    drawing.step(
        "Layers take batches",
        f"PyTorch's layers expect many pictures at once, with channels (one for grey, three for colour). So our picture gets two "
        f"more axes: (1, 1, {height}, {width}) is one picture with one channel.",
        ["memory>tensor", "tensor"],
    )
    drawing.step(
        "A module holds parameters",
        f"This network is a module: an object with layers inside. It holds {parameters:,} numbers that were learnt, its parameters.",
        ["tensor>module", "module"],
    )
    drawing.step(
        "Out come scores",
        f"One score for each of {len(names)} classes: the shape is (1, {len(names)}). The highest, {float(scores[best]):.1f}, is for {names[best]}.",
        ["module>scores", "scores"],
    )
    return drawing


def _busiest(picture: torch.Tensor) -> tuple[int, int]:
    """Row and column of the SIDE x SIDE part whose numbers differ most."""
    parts = picture.unfold(0, SIDE, 1).unfold(1, SIDE, 1)  # (rows, columns, SIDE, SIDE)
    spread = parts.flatten(2).std(dim=2)
    place = int(spread.argmax())
    return place // spread.shape[1], place % spread.shape[1]


def _shares(scores: torch.Tensor) -> list[float]:
    low, high = float(scores.min()), float(scores.max())
    return [(value - low) / max(high - low, 1e-12) for value in scores.tolist()]
