"""A filter that slides over a picture: padding, stride, one output as its sum, the size formula."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.base.wire import JsonObject
from torchcamp.data.images import Images
from torchcamp.figures.feature_maps import see
from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

SIZE, KERNEL, PADDING, STRIDE = 5, 3, 1, 2
OUT = (SIZE - KERNEL + 2 * PADDING) // STRIDE + 1
PICTURE = torch.tensor(
    [
        [0.0, 1.0, 3.0, 3.0, 3.0],
        [0.0, 1.0, 3.0, 3.0, 3.0],
        [0.0, 0.0, 2.0, 3.0, 3.0],
        [0.0, 1.0, 2.0, 3.0, 3.0],
        [1.0, 2.0, 3.0, 3.0, 3.0],
    ]
)
WEIGHT = torch.tensor([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])
BIAS = 1.0
CELL = 28  # side of a square of the picture
PICTURE_AT, PICTURE_NARROW = (120, 128), (112, 128)
NUM_EXAMPLES = 6
CODE = """\
padded = F.pad(picture, (p, p, p, p))  # (i + 2p, i + 2p)
for row in range(o):
    for column in range(o):
        window = padded[row * s : row * s + k, column * s : column * s + k]  # (k, k)
        output[row, column] = (window * weight).sum() + bias

layer = nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2)
maps = layer(pictures)  # (B, 1, 28, 28) -> (B, 16, 14, 14)"""


def whole(cnn: nn.Module, images: Images) -> Schema:
    """A small convolution number by number, and the first layer of `cnn` on a test picture."""
    return schema(lambda example: draw(cnn, images, example), NUM_EXAMPLES)


def draw(cnn: nn.Module, images: Images, example: int) -> Drawing:
    """The drawing; the large picture in it is test picture `example`."""
    drawing = Drawing(
        summary=(
            "A filter of 3 by 3 numbers stops at nine places of a picture that has a rim of zeros; at each "
            "it multiplies and adds up, which gives one number of the output. Below, a filter of a "
            "trained network on a handwritten digit, and the map that it makes."
        ),
        code=(CODE,),
    )
    padded = F.pad(PICTURE, (PADDING,) * 4)
    output = F.conv2d(padded[None, None], WEIGHT[None, None], torch.tensor([BIAS]), stride=STRIDE)
    output = output[0, 0]
    _small_parts(drawing, padded)
    _large_parts(drawing, cnn, images, example)
    _small_steps(drawing, padded, output)
    _large_steps(drawing, cnn, images, example)
    return drawing


def _small_parts(drawing: Drawing, padded: Tensor) -> None:
    drawing.cells(
        "picture", padded, PICTURE_AT, PICTURE_NARROW, cell=CELL, digits=0, label="picture",
        lines=["padded ="], note="The numbers of a small picture: 0 is black, 3 is bright.",
    )  # fmt: skip
    drawing.box(
        "window", "", _window(0, 0, PICTURE_AT), _window(0, 0, PICTURE_NARROW), tone="accent",
        size=(CELL * KERNEL,) * 2, over=True, lines=["window ="],
    )  # fmt: skip
    drawing.cells(
        "filter", WEIGHT, (330, 128), (286, 128), cell=CELL, digits=0, label="filter",
        lines=["(window * weight)"], note="The weights: what a convolution learns. The same nine at every place.",
    )  # fmt: skip
    drawing.cells(
        "products", torch.zeros(KERNEL, KERNEL), (500, 128), (70, 330), cell=36, digits=0, label="products",
        lines=["(window * weight)"],
    )  # fmt: skip
    drawing.box("sum", "sum", (660, 128), (190, 330), size=(110, 44), detail="products + bias",
        lines=[".sum() + bias"], note=f"The products are added up, and the bias {BIAS:g} with them.")  # fmt: skip
    drawing.cells(
        "output", torch.zeros(OUT, OUT), (830, 128), (302, 330), cell=34, digits=0, label="output",
        lines=["output[row, column]"], note="One number for each place at which the filter stopped.",
    )  # fmt: skip
    for start, end in (("window", "filter"), ("filter", "products"), ("products", "sum"), ("sum", "output")):  # fmt: skip
        drawing.arrow(start, end)
    room = SIZE + 2 * PADDING - KERNEL
    drawing.box(
        "formula", "o = ⌊(i − k + 2p) / s⌋ + 1", (460, 284), (180, 432), size=(300, 52),
        detail=f"⌊({SIZE} − {KERNEL} + 2·{PADDING}) / {STRIDE}⌋ + 1 = ⌊{room} / {STRIDE}⌋ + 1 = {OUT}",
        lines=["for row", "for column"],
        note="i: size of the input. k: size of the filter. p: padding. s: stride. o: size of the output.",
    )  # fmt: skip


def _large_parts(drawing: Drawing, cnn: nn.Module, images: Images, example: int) -> None:
    picture, weight, maps = _first_layer(cnn, images, example)
    chosen = _strongest(maps)
    drawing.picture("digit", picture[0], (130, 412), (70, 550), size=(112, 112), label="a digit",
        detail=" × ".join(map(str, picture.shape)), lines=["maps = layer"])  # fmt: skip
    drawing.cells("weights", weight[chosen, 0], (340, 412), (190, 550), cell=18, label="one filter",
        detail=" × ".join(map(str, weight.shape[2:])), lines=["layer = nn.Conv2d"],
        note="Learnt by the network. Orange weights are positive, blue ones negative.")  # fmt: skip
    drawing.picture("map", maps[chosen], (540, 412), (298, 550), size=(98, 98), label="its map",
        detail=" × ".join(map(str, maps.shape[1:])), lines=["maps = layer"],
        note="As the network passes it on, scaled and with negative numbers set to 0: bright where the picture looks like the filter.")  # fmt: skip
    drawing.maps("maps", maps, (780, 412), (180, 712), size=(150, 112), shown=6, label="all maps",
        detail=" × ".join(map(str, maps.shape)), lines=["maps = layer"],
        note="Six of the maps, one for each filter.")  # fmt: skip
    for start, end in (("digit", "weights"), ("weights", "map"), ("map", "maps")):
        drawing.arrow(start, end)


def _first_layer(cnn: nn.Module, images: Images, example: int) -> tuple[Tensor, Tensor, Tensor]:
    """Test picture (1, H, W), the first convolution's filters (C, 1, K, K), its maps (C, H', W')."""
    picture = images.test_images[example].float() / 255
    weight = next(m.weight for m in cnn.modules() if isinstance(m, nn.Conv2d)).detach()
    maps = list(see(cnn, picture).layers.values())[1]  # the first entry is the picture
    return picture, weight, maps


def _strongest(maps: Tensor) -> int:
    """The map with the most contrast."""
    return int(maps.flatten(1).std(dim=1).argmax())


def _window(row: int, column: int, picture: tuple[float, float]) -> tuple[float, float]:
    """Where the window lies, as the centre of a box."""
    reach = (SIZE + 2 * PADDING) * CELL / 2
    left, top = picture[0] - reach, picture[1] - reach
    half = CELL * KERNEL / 2
    return left + column * STRIDE * CELL + half, top + row * STRIDE * CELL + half


def _at(padded: Tensor, output: Tensor, row: int, column: int) -> dict[str, JsonObject]:
    """What is drawn while the filter is at a place: window, products, sum, the output so far."""
    window = padded[row * STRIDE :, column * STRIDE :][:KERNEL, :KERNEL]
    known = row * OUT + column
    so_far = [
        [output[r, c].item() if r * OUT + c <= known else None for c in range(OUT)]
        for r in range(OUT)
    ]
    return {
        "window": {
            "at": _window(row, column, PICTURE_AT),
            "narrow": _window(row, column, PICTURE_NARROW),
        },
        "products": {"values": (window * WEIGHT).tolist()},
        "sum": {"text": _number(output[row, column].item())},
        "output": {"values": so_far},
    }


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _sum_in_words(padded: Tensor, row: int, column: int) -> str:
    """The products that are not 0, one by one."""
    window = padded[row * STRIDE :, column * STRIDE :][:KERNEL, :KERNEL]
    terms = [
        f"{_number(x)}·{_number(w) if w > 0 else f'({_number(w)})'}"
        for x, w in zip(window.flatten().tolist(), WEIGHT.flatten().tolist(), strict=True)
        if x * w
    ]
    return " + ".join([*terms, f"bias {BIAS:g}"])


# Longer than 60 lines: a drawing is the list of its parts and steps.
def _small_steps(drawing: Drawing, padded: Tensor, output: Tensor) -> None:
    hidden = {"hidden": True}
    nothing = {"products": hidden, "sum": hidden, "output": hidden, "window": hidden}
    bare = {"picture": {"values": PICTURE.tolist(), "size": (CELL * SIZE, CELL * SIZE)}}
    drawing.step(
        "A picture is a table of numbers",
        f"{SIZE} × {SIZE} pixels, dark on the left and bright on the right. Between the two runs an edge.",
        ["picture"],
        **nothing, **bare, filter=hidden,
    )  # fmt: skip
    drawing.step(
        "A filter is a small table of weights",
        f"This one is {KERNEL} × {KERNEL}. It takes what is on its left with −1 and what is on its right with +1: its "
        "sum is large where dark turns into bright. Here the weights are chosen by hand; a network learns them.",
        ["filter"],
        **nothing, **bare,
    )  # fmt: skip
    drawing.step(
        f"Padding p = {PADDING}: a rim of zeros",
        f"Without it the filter could never be centred on a pixel at the edge. With one zero on every side the {SIZE} × {SIZE} "
        f"picture becomes {SIZE + 2 * PADDING} × {SIZE + 2 * PADDING}.",
        ["picture"],
        **nothing,
    )  # fmt: skip
    drawing.step(
        "One output is one sum",
        f"The filter is laid on the upper left corner. Each number under it is multiplied by its weight, and everything is added up: "
        f"{_sum_in_words(padded, 0, 0)} = {_number(output[0, 0].item())}. This is the output's first number.",
        ["window", "products", "sum", "output", "window>filter", "filter>products", "products>sum", "sum>output"],
        **_at(padded, output, 0, 0),
    )  # fmt: skip
    drawing.step(
        f"Stride s = {STRIDE}: on by two pixels",
        f"The filter moves {STRIDE} pixels to the right and does the same again, with the same weights: {_sum_in_words(padded, 0, 1)} = "
        f"{_number(output[0, 1].item())}. Here is the edge, so the sum is large.",
        ["window", "products", "sum", "output"],
        **_at(padded, output, 0, 1),
    )  # fmt: skip
    drawing.step(
        "The end of the row",
        f"{_sum_in_words(padded, 0, 2)} = {_number(output[0, 2].item())}. It is negative: on the right the bright picture "
        "ends at the dark rim, an edge the other way round. One more stride does not fit.",
        ["window", "products", "sum", "output"],
        **_at(padded, output, 0, 2),
    )  # fmt: skip
    drawing.step(
        "The next row, again by the stride",
        f"Back to the left and {STRIDE} pixels down: {_sum_in_words(padded, 1, 0)} = {_number(output[1, 0].item())}.",
        ["window", "products", "sum", "output"],
        **_at(padded, output, 1, 0),
    )  # fmt: skip
    drawing.step(
        f"{OUT * OUT} places, {OUT * OUT} numbers",
        f"At the last place it is {_number(output[-1, -1].item())}. The output is a small picture, called a feature map: it says where "
        f"the filter found its pattern. {KERNEL * KERNEL} weights and a bias made all of it.",
        ["window", "products", "sum", "output"],
        **_at(padded, output, OUT - 1, OUT - 1),
    )  # fmt: skip
    room = SIZE + 2 * PADDING - KERNEL
    drawing.step(
        "How large is the output?",
        f"The padded row has {SIZE} + 2·{PADDING} = {SIZE + 2 * PADDING} numbers. The filter covers {KERNEL} of them, so it can move {room} to the right: "
        f"that is {room // STRIDE} strides of {STRIDE}. With the place where it began, {OUT} places.",
        ["formula", "output"],
        **_at(padded, output, OUT - 1, OUT - 1),
    )  # fmt: skip


def _large_steps(drawing: Drawing, cnn: nn.Module, images: Images, example: int) -> None:
    picture, weight, maps = _first_layer(cnn, images, example)
    hidden = {name: {"hidden": True} for name in ("window", "products", "sum")}
    size, kernel = picture.shape[1], weight.shape[2]
    padded = F.pad(PICTURE, (PADDING,) * 4)
    output = F.conv2d(padded[None, None], WEIGHT[None, None], torch.tensor([BIAS]), stride=STRIDE)
    values = {"output": {"values": output[0, 0].tolist()}}
    drawing.step(
        "The same in a trained network",
        f"A filter of {kernel} × {kernel} learnt weights, stride 2 and padding 2, on a digit of {size} × {size}: "
        f"⌊({size} − {kernel} + 4) / 2⌋ + 1 = {maps.shape[1]}. The map is bright where the digit looks like the filter.",
        ["digit", "weights", "map", "digit>weights", "weights>map"],
        **hidden, **values,
    )  # fmt: skip
    drawing.step(
        "Many filters, many maps",
        f"The layer has {len(weight)} filters, and each makes a map of its own: {len(maps)} × {maps.shape[1]} × {maps.shape[2]} numbers. "
        f"It learns {weight.numel()} weights, however large the picture is.",
        ["maps", "map>maps"],
        **hidden, **values,
    )  # fmt: skip
