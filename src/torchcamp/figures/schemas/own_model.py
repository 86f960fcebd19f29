"""From a folder of pictures to a model that names new ones, command by command."""

import math

from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

RIGHT, TESTED = 29, 32  # of docs/your-own-pictures.md
CODE = """\
torchcamp train cnn --data folder:photos --seed 0
torchcamp evaluate latest
torchcamp train --from latest --epochs 20
torchcamp predict latest new.jpg
torchcamp export latest -o cups.onnx"""


def whole() -> Schema:
    """The way, with what to look at on it."""
    return schema(lambda example: draw())


def margin(right: int, tested: int) -> float:
    """Half the width of a 95 % interval for the share, by the normal approximation."""
    share = right / tested
    return 1.96 * math.sqrt(share * (1 - share) / tested)


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw() -> Drawing:
    """The drawing."""
    drawing = Drawing(
        summary=(
            "A folder of pictures is split into a training and a test part; a model is trained on the first and "
            "measured on the second; its mistakes lead to better data or another model; at last it names "
            "new pictures and is exported."
        ),
        code=(CODE,),
    )
    places = {
        "folder": ("your pictures", "one folder per class", (100, 60), (90, 44), "folder:photos"),
        "train": ("training part", "5 of 6", (340, 30), (90, 140), "train cnn"),
        "test": ("test part", "1 of 6", (340, 130), (270, 140), "evaluate latest"),
        "model": ("model", "learns", (570, 30), (90, 236), "train cnn"),
        "measure": ("accuracy", f"{RIGHT} of {TESTED}", (570, 130), (270, 236), "evaluate latest"),
        "mistakes": ("mistakes", "look at them", (800, 130), (270, 332), "evaluate latest"),
        "use": ("new pictures", "predict, export", (800, 30), (90, 332), "predict latest"),
    }
    for name, (text, detail, at, narrow, line) in places.items():
        drawing.box(
            name, text, (at[0], at[1] + 24), narrow, size=(146, 50), detail=detail, lines=[line]
        )
    for start, end in (("folder", "train"), ("folder", "test"), ("train", "model"), ("test", "measure"), ("model", "measure"), ("measure", "mistakes"), ("model", "use")):  # fmt: skip
        drawing.arrow(start, end)
    drawing.arrow(
        "mistakes",
        "folder",
        name="again",
        bend=170,
        narrowBend=-200,
        backward=True,
        onlyLit=True,
        label="better data",
        lines=["--from latest"],
    )
    percent = 100 * margin(RIGHT, TESTED)
    drawing.step(
        "Collect and sort",
        "Twenty or more pictures of each class, each class in a folder of its own. Think of what will come later: other light, other cups, another hand.",
        ["folder"],
    )
    drawing.step(
        "Put some aside",
        "A sixth of every class is kept for testing and never trained on. Pictures taken one second apart are the same picture: they belong into the same part.",
        ["folder>train", "train", "folder>test", "test"],
    )
    drawing.step(
        "Begin with something simple",
        "Train a small model with its default settings before you invent anything. Its result is your baseline: what every later idea has to beat.",
        ["train", "train>model", "model"],
    )
    drawing.step(
        "Measure, and know how exactly",
        f"{RIGHT} of {TESTED} right are {100 * RIGHT / TESTED:.0f} %. With so few pictures that is {100 * RIGHT / TESTED:.0f} ± {percent:.0f} %, so a model with one more or less "
        "right is neither better nor worse.",
        ["model>measure", "test>measure", "measure"],
    )
    drawing.step(
        "Look at the mistakes, then improve the data",
        "The report shows the worst ones. Wrong labels, a class with two meanings, pictures that nobody could tell: mending those usually helps more than another network.",
        ["measure>mistakes", "mistakes", "again"],
    )
    drawing.step(
        "Use it",
        "predict names new pictures, with probabilities. export writes a file that runs without this course.",
        ["model>use", "use"],
    )
    return drawing
