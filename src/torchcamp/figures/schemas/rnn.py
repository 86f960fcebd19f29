"""A recurrent network folded and unrolled, over the letters of a word, with the price of each."""

from functools import cache
from itertools import combinations, pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.base.wire import JsonObject
from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.models.rnn import gru_cell
from torchcamp.widgets.schema import Schema

WORDS = ("lesson", "letter", "legend")
EDGE = "␣"  # begins and ends each word
LETTERS = EDGE + "".join(sorted(set("".join(WORDS))))
NUM_UNITS = 8
NUM_WRITTEN = 6  # words that it writes by itself


class Reader(nn.Module):
    """The plain recurrent network of the lecture: 8 units, a handful of letters."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.RNNCell(len(LETTERS), NUM_UNITS)  # h' = tanh(W x + b + U h + c)
        self.output = nn.Linear(NUM_UNITS, len(LETTERS))


def read_word(reader: Reader, word: str) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """The hidden state, the probabilities of the next letter and its price, letter by letter."""
    h = torch.zeros(NUM_UNITS)
    states, probs, prices = [], [], []
    for letter, following in pairwise(EDGE + word + EDGE):
        h = reader.cell(one_hot(letter), h)
        logits = reader.output(h)
        log_probs = F.log_softmax(logits, dim=0)
        price = -log_probs[LETTERS.index(following)]
        states.append(h)
        probs.append(log_probs.exp())
        prices.append(price)
    return states, probs, prices


def one_hot(letter: str) -> Tensor:
    """A one where the letter stands in the alphabet, else zeros: (len(LETTERS),)"""
    return F.one_hot(torch.tensor(LETTERS.index(letter)), len(LETTERS)).float()


@cache
def trained_reader() -> Reader:
    """A reader that has learnt the words, all of one length, in well under a second."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        reader = Reader()
    optimizer = torch.optim.Adam(reader.parameters(), lr=0.03)
    rows = [[LETTERS.index(letter) for letter in EDGE + word + EDGE] for word in WORDS]
    symbols = torch.tensor(rows)  # (B, T + 1)
    x = F.one_hot(symbols, len(LETTERS)).float()  # (B, T + 1, V)
    for _ in range(200):
        h, loss = torch.zeros(len(WORDS), NUM_UNITS), torch.tensor(0.0)
        for t in range(symbols.shape[1] - 1):
            h = reader.cell(x[:, t], h)
            loss = loss + F.cross_entropy(reader.output(h), symbols[:, t + 1])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
    return reader


def whole() -> Schema:
    """One cell, folded and unrolled over a word, with what it expects and what that costs."""
    return schema(lambda example: draw(trained_reader(), example), len(WORDS))


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw(reader: Reader, example: int) -> Drawing:
    """The drawing of the word `example`."""
    word = WORDS[example]
    with torch.no_grad():
        states, probs, prices = read_word(reader, word)
    read, follows = EDGE + word, word + EDGE
    columns = range(len(read))
    total = float(sum(prices))
    dearest = max(columns, key=lambda t: float(prices[t]))
    once, again = _same_letter(read, follows)

    def given(t: int) -> float:
        return float(probs[t][LETTERS.index(follows[t])])

    drawing = Drawing(
        summary=(
            "A cell reads one letter and its own last state, and makes a new state; from the state it "
            "says what the next letter will be. Drawn once with a loop, and once more for each letter "
            "of a word: the same cell with the same weights every time."
        ),
        code=("figures/schemas/rnn.py::read_word",),
    )
    reads, cell, output = "for letter, following", "h = reader.cell", "logits = reader.output(h)"
    drawing.unit("x", "x", (64, 238), (40, 70), size=(40, 40), lines=[reads],
        note="What is read now: one letter.")  # fmt: skip
    drawing.box("cell", "cell, W", (64, 150), (136, 70), size=(84, 44), lines=[cell],
        note="One layer with tanh. It sees the letter and the old state; W stands for its weights.")  # fmt: skip
    drawing.box("h", "h", (164, 150), (136, 136), size=(40, 32), lines=["h = torch.zeros", cell],
        note=f"The hidden state: {NUM_UNITS} numbers that the cell hands to itself.")  # fmt: skip
    drawing.unit("p", "p", (64, 62), (250, 70), size=(40, 40), lines=[output],
        note="How likely each letter is to come next.")  # fmt: skip
    drawing.arrow("x", "cell").arrow("cell", "p")
    drawing.arrow("cell", "h", bend=24).arrow("h", "cell", bend=24)
    drawing.bars("bars", probs[dearest].tolist(), (110, 150), (180, 84), size=(150, 126), narrowSize=(200, 126),
        names=list(LETTERS), chosen=LETTERS.index(follows[dearest]), label="what comes next",
        lines=[output, "log_probs = "], note="Softmax of the logits: a probability for each letter that it knows.")  # fmt: skip
    for t in columns:
        x, y = 264 + 103 * t, 196 + 62 * t
        drawing.unit(f"x{t}", read[t], (x, 238), (30, y), size=(36, 36), lines=[reads],
            note=f"Here the network reads {read[t]}.")  # fmt: skip
        drawing.cells(f"h{t}", states[t], (x, 150), (136, y), cell=9, size=(72, 20), narrowSize=(104, 18), lines=[cell],
            note=f"The hidden state after {read[: t + 1]}: eight numbers, orange above zero, blue below.")  # fmt: skip
        drawing.unit(f"p{t}", follows[t], (x, 66), (238, y), size=(36, 36), lines=[output],
            note=f"What comes next is {follows[t]}. The network gave it the probability {given(t):.3f}.")  # fmt: skip
        drawing.text(
            f"price{t}", f"{float(prices[t]):.3f}", (x, 26), (308, y), lines=["price = -log_probs"]
        )
        drawing.arrow(f"x{t}", f"h{t}").arrow(f"h{t}", f"p{t}")
        if t:
            drawing.arrow(f"h{t - 1}", f"h{t}", label="W", lines=[cell])
            drawing.arrow(
                f"h{t}",
                f"h{t - 1}",
                name=f"back{t}",
                backward=True,
                onlyLit=True,
                bend=30,
                narrowBend=-30,
            )

    away = {"hidden": True}

    def hidden(*kinds: str, since: int = 0) -> dict[str, JsonObject]:
        return {f"{kind}{t}": away for kind in kinds for t in columns[since:]}

    folded = ("x", "cell", "h", "p")
    no_fold = dict.fromkeys(folded, away)
    drawing.step(
        "A cell with a loop",
        "The cell reads one letter x and, along the loop, its own last state h: a list of numbers. Of the "
        "two it makes the new state. From the state it says how likely each letter is to come next.",
        [*folded, "x>cell", "cell>p", "cell>h", "h>cell"],
        bars=away, **hidden("x", "h", "p", "price"),
    )  # fmt: skip
    drawing.step(
        "The loop, unrolled",
        f"Here the cell is drawn once for each letter of “{word}”; {EDGE} marks the beginning and the end. "
        f"The coloured squares are its state, {NUM_UNITS} numbers. It is one cell: each arrow W is the "
        "same matrix of weights.",
        [*[f"h{t}" for t in columns], *[f"x{t}" for t in columns], *[f"h{t - 1}>h{t}" for t in columns[1:]]],
        bars=away, **hidden("p", "price"),
    )  # fmt: skip
    drawing.step(
        "The first letter",
        f"The state begins as zeros. The cell reads {EDGE} and gives the letter {follows[0]} the "
        f"probability {given(0):.3f}. What really comes is {follows[0]}. The price of a letter is "
        f"−ln of its probability: −ln {given(0):.3f} = {float(prices[0]):.3f}.",
        ["x0", "x0>h0", "h0", "h0>p0", "p0", "price0"],
        bars=away, **hidden("x", "h", "p", "price", since=1),
    )  # fmt: skip
    drawing.step(
        "Where nobody can know",
        f"It has read “{word[:dearest]}”. Three of its words go on differently from here, so it spreads "
        f"its bets over three letters. {follows[dearest]} got {given(dearest):.2f} and costs "
        f"−ln {given(dearest):.2f} = {float(prices[dearest]):.2f}.",
        [f"x{dearest}", f"h{dearest}", f"p{dearest}", f"price{dearest}", "bars", f"x{dearest}>h{dearest}",
         f"h{dearest}>p{dearest}", *[f"h{t - 1}>h{t}" for t in range(1, dearest + 1)]],
        **no_fold, **hidden("x", "h", "p", "price", since=dearest + 1),
    )  # fmt: skip
    drawing.step(
        "The same letter, another state",
        f"Twice it reads {read[once]}. The input is the same, but the state is not: compare the colours. "
        f"So the first time it expects {follows[once]} ({given(once):.2f}), the second time "
        f"{follows[again]} ({given(again):.2f}). The state is its memory.",
        [f"{kind}{t}" for kind in ("x", "h", "p") for t in (once, again)],
        bars=away,
    )  # fmt: skip
    drawing.step(
        "The prices add up",
        f"Together the letters of “{word}” cost {total:.3f} nats: minus the logarithm of the probability "
        f"of the whole word. So the network gives it the probability e^−{total:.3f} = "
        f"{float(torch.tensor(-total).exp()):.3f}: about one in three, and it knows three words.",
        [f"price{t}" for t in columns],
        bars=away,
    )  # fmt: skip
    drawing.step(
        "Learning: back along the same arrows",
        "The sum is the loss. Its gradient runs back from the last column to the first. All columns share "
        "one W, so each of them adds its part to the gradient of this one W.",
        [f"back{t}" for t in columns[1:]] + [f"h{t}" for t in columns],
        bars=away,
    )
    drawing.step(
        "Let it write",
        f"Begin with {EDGE}, draw a letter from its probabilities, let it read that letter, draw the "
        f"next, and so on to the next {EDGE}. This network just wrote: {', '.join(_written(reader))}.",
        [f"{kind}{t}" for kind in ("p", "x") for t in columns],
        bars=away,
    )  # fmt: skip
    return drawing


def _same_letter(read: str, follows: str) -> tuple[int, int]:
    """Two places where the same letter is read and another one follows."""
    return next(
        (i, j)
        for i, j in combinations(range(1, len(read)), 2)
        if read[i] == read[j] and follows[i] != follows[j]
    )


@torch.no_grad()
def _written(reader: Reader) -> list[str]:
    """Words that the reader writes, letter by letter."""
    generator = torch.Generator().manual_seed(0)
    words = []
    for _ in range(NUM_WRITTEN):
        h, letter, word = torch.zeros(NUM_UNITS), EDGE, ""
        for _ in range(10):
            h = reader.cell(one_hot(letter), h)
            probs = F.softmax(reader.output(h), dim=0)
            letter = LETTERS[int(torch.multinomial(probs, 1, generator=generator))]
            if letter == EDGE:
                break
            word += letter
        words.append(word)
    return words


# --- The gated cell ---------------------------------------------------------------------------------

NUM_PICTURES = 12
ROW = 12  # of the picture, that is read
GATED_UNITS = 6  # of the state, that are drawn


def gated(network: nn.Module, images: Images) -> Schema:
    """One step of a gated cell (GRU) over a row of a test picture."""
    return schema(lambda example: draw_gated(network, images, example), NUM_PICTURES)


# Longer than 60 lines: a drawing is the list of its parts and steps.
@torch.no_grad()
def draw_gated(network: nn.Module, images: Images, example: int) -> Drawing:
    """The drawing of the step that reads row `ROW` of test picture `example`."""
    gru: Any = network.gru
    rows = (images.test_images[example, 0] > 127).float()  # (T, R)
    x = rows[ROW : ROW + 1]
    states, _ = gru(rows[None, :ROW])
    old = states[:, -1]  # (1, H)
    weight_x, weight_h, bias_x, bias_h = gru.all_weights[0]
    from_x = F.linear(x, weight_x, bias_x).chunk(3, dim=1)
    from_h = F.linear(old, weight_h, bias_h).chunk(3, dim=1)
    r, z = (torch.sigmoid(from_x[k] + from_h[k]) for k in (0, 1))
    n = torch.tanh(from_x[2] + r * from_h[2])
    new = gru_cell(gru, x, old)

    num_units = old.shape[1]
    order = z[0].argsort()
    shares = [0.15 + 0.75 * k / (GATED_UNITS - 1) for k in range(GATED_UNITS)]
    units = order[[round(share * (num_units - 1)) for share in shares]]
    forgets, keeps = units[0], units[-1]

    def of(values: Tensor) -> Tensor:
        return values[0, units][:, None].double().round(decimals=2)

    def mixed(unit: Tensor) -> str:
        return (
            f"(1 − {z[0, unit]:.2f}) × ({_n(n[0, unit])}) + {z[0, unit]:.2f} × ({_n(old[0, unit])}) "
            f"= {_n(new[0, unit])}"
        )

    drawing = Drawing(
        summary=(
            "The old state and the input make two gates, r and z, and a proposal n. The new state is a "
            "mixture of the proposal and the old state; z says, unit by unit, how much of the old "
            "state stays."
        ),
        code=("models/rnn.py::gru_cell",),
    )
    cells = {"cell": 22, "size": (46, 132), "digits": 2}
    drawing.cells("old", of(old), (70, 110), (60, 110), label="old state h", **cells,
        detail=f"6 of {num_units}", lines=["from_hidden ="],
        note=f"What the cell knows after {ROW} rows. Six units are drawn.")  # fmt: skip
    drawing.picture("x", x, (70, 270), (60, 270), size=(112, 12), label="the next row x",
        lines=["from_x ="], note="Row 12 of the picture: 28 pixels.")  # fmt: skip
    drawing.cells("r", of(r), (290, 110), (180, 110), label="gate r", **cells, lines=["r = torch.sigmoid"],
        note="Reset: how much of the old state the proposal may use. 0 is none, 1 is all.")  # fmt: skip
    drawing.cells("n", of(n), (480, 110), (300, 110), label="proposal n", **cells, lines=["n = torch.tanh"],
        note="What the cell would remember if it began afresh.")  # fmt: skip
    drawing.cells("z", of(z), (480, 300), (180, 330), label="gate z", **cells, lines=["z = torch.sigmoid"],
        note="Update: how much of the old state is kept. 0 is none, 1 is all.")  # fmt: skip
    drawing.cells("new", of(new), (720, 110), (300, 330), label="new state h′", **cells,
        lines=["return (1 - z)"], note="The mixture of the two.")  # fmt: skip
    drawing.text("mix", "(1 − z) n + z h", (720, 220), (290, 430), lines=["return (1 - z)"])
    for start, end in (("old", "r"), ("x", "r"), ("r", "n"), ("old", "z"), ("x", "z"), ("n", "new"), ("z", "new")):  # fmt: skip
        drawing.arrow(start, end)
    away = {"hidden": True}
    drawing.step(
        "What goes in",
        f"The state of before, {num_units} numbers between −1 and 1, and the next row of the picture. "
        "A plain cell would make a wholly new state at each step, and soon forget.",
        ["old", "x"], r=away, n=away, z=away, new=away, mix=away,
    )  # fmt: skip
    drawing.step(
        "Gate r: how much of the past to look at",
        "A gate is a row of numbers between 0 and 1, made by a sigmoid from x and h. Gate r says, unit by "
        "unit, how much of the old state may enter the proposal.",
        ["old", "x", "old>r", "x>r", "r"], n=away, z=away, new=away, mix=away,
    )  # fmt: skip
    drawing.step(
        "A proposal n",
        "The proposal is a plain cell: tanh of the input and the old state, the part from the old state "
        "multiplied by r.",
        ["r", "r>n", "n"], z=away, new=away, mix=away,
    )  # fmt: skip
    drawing.step(
        "Gate z: how much to keep",
        f"A second gate decides what stays. The last unit drawn here has z = {z[0, keeps]:.2f}: it keeps "
        f"nearly all of what it was. The first has z = {z[0, forgets]:.2f}: it lets go.",
        ["old>z", "x>z", "z"], new=away, mix=away,
    )  # fmt: skip
    drawing.step(
        "The new state is a mixture",
        f"h′ = (1 − z) n + z h. First unit: {mixed(forgets)}. Last unit: {mixed(keeps)}. Where z is near 1, "
        "a number, and a gradient, can pass many steps nearly unchanged.",
        ["old", "n>new", "z>new", "new", "mix"],
    )  # fmt: skip
    return drawing


def _n(value: Tensor) -> str:
    """Two decimals, with a real minus sign."""
    return f"{float(value):.2f}".replace("-", "−")
