"""A hidden Markov model: states and their arrows, what each shows, the chain, the forward sums."""

from collections.abc import Sequence
from itertools import product

import torch

from torchcamp.base.wire import JsonObject
from torchcamp.figures.hmm import casino, walk_trellis
from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

THROWS = (5, 5, 3, 2)  # 5 is a six; the first four of the lesson's trellis
CASINO = {"leave_fair": 0.05, "leave_loaded": 0.1, "six": 0.5}
DICE = ("fair", "loaded")
COLUMNS = (500, 620, 740, 860)  # of the chain, on the page
NARROW_COLUMNS = (104, 176, 248, 320)
SUBSCRIPTS = "₁₂₃₄"


def whole() -> Schema:
    """The casino with two dice, and the forward sums of four throws."""
    return schema(lambda example: draw())


def draw() -> Drawing:
    """The drawing."""
    reply, _ = walk_trellis({"throws": THROWS, "do": "look", "seed": 0} | CASINO)
    drawing = Drawing(
        summary=(
            "Two hidden states, a fair and a loaded die, with arrows that say how probable a change is, and "
            "bars that say what each die shows. Beside them the chain: hidden states in a row, each of which "
            "shows a throw, and under them the forward pass, which adds up all stories throw by throw."
        ),
        code=("models/hmm.py::forward_pass",),
    )
    _state_parts(drawing)
    _chain_parts(drawing, reply)
    _state_steps(drawing)
    _forward_steps(drawing, reply)
    return drawing


def _state_parts(drawing: Drawing) -> None:
    move = "before = joint @ hmm.transition"
    away, back = CASINO["leave_fair"], CASINO["leave_loaded"]
    emission = casino(CASINO).emission.tolist()
    for die, at, narrow in ((0, (90, 120), (84, 110)), (1, (290, 120), (276, 110))):
        drawing.unit(
            DICE[die],
            DICE[die],
            at,
            narrow,
            size=(68, 68),
            lines=["before = hmm.initial"],
            note="A hidden state: the die that is in use. At the beginning both are equally likely.",
        )
        drawing.bars(
            f"shows_{DICE[die]}",
            emission[die],
            (at[0], 282),
            (narrow[0], 270),
            size=(130, 120),
            names=["1", "2", "3", "4", "5", "6"],
            chosen=5,
            label=f"the {DICE[die]} die shows",
            detail="each with 1/6" if die == 0 else "six with 1/2, others 1/10",
            lines=["torch.mul(before, prob"],
            note="The emission probabilities: how probable each face is with this die.",
        )
    drawing.arrow("fair", "fair", label=f"{1 - away:.2f}", lines=[move])
    drawing.arrow("loaded", "loaded", label=f"{1 - back:.2f}", lines=[move])
    drawing.arrow("fair", "loaded", label=f"{away:.2f}", bend=34, lines=[move])
    drawing.arrow("loaded", "fair", label=f"{back:.2f}", bend=34, lines=[move])


def _chain_parts(drawing: Drawing, reply: JsonObject) -> None:
    for t, (x, narrow_x) in enumerate(zip(COLUMNS, NARROW_COLUMNS, strict=True)):
        drawing.unit(f"z{t}", f"z{SUBSCRIPTS[t]}", (x, 90), (narrow_x, 400), size=(46, 46),
            lines=["in zip("], note="A hidden state: fair or loaded, nobody tells.")  # fmt: skip
        drawing.box(f"x{t}", str(THROWS[t] + 1), (x, 176), (narrow_x, 486), size=(40, 40),
            tone="accent", lines=["torch.mul(before, prob"], note="What is seen: the throw.")  # fmt: skip
        drawing.cells(f"alpha{t}", _column(reply["forward"][t]), (x, 268), (narrow_x, 578), cell=32,
            digits=3, label="", lines=["joint.div_(scale)"],
            note="The probability of each die, given the throws so far. It adds up to 1.")  # fmt: skip
        drawing.parts[-1]["size"] = (62, 64)
        drawing.box(f"c{t}", f"÷ {reply['scales'][t]:.3f}", (x, 336), (narrow_x, 646), size=(66, 32),
            lines=["torch.sum(joint"], note="The sum by which both were divided: the probability of this throw, given those before.")  # fmt: skip
        drawing.arrow(f"z{t}", f"x{t}")
        if t:
            drawing.arrow(f"z{t - 1}", f"z{t}")
    for die, y in enumerate((252, 284)):
        drawing.text(f"row_{DICE[die]}", DICE[die], (434, y), (40, y + 310))


def _column(values: list[float]) -> torch.Tensor:
    return torch.tensor(values)[:, None]


def _upto(t: int) -> dict[str, JsonObject]:
    """The forward pass has reached throw t (-1: it has not begun)."""
    later = {f"{part}{n}": {"hidden": True} for part in ("alpha", "c") for n in range(t + 1, 4)}
    rows = {f"row_{die}": {"hidden": True} for die in DICE} if t < 0 else {}
    return later | rows


def _state_steps(drawing: Drawing) -> None:
    away, back = CASINO["leave_fair"], CASINO["leave_loaded"]
    drawing.step(
        "Two states that nobody sees",
        "A croupier throws one of two dice. One is fair, the other loaded. Which one is in the croupier's hand is the hidden state.",
        ["fair", "loaded"], **_upto(-1),
    )  # fmt: skip
    drawing.step(
        "Arrows: how the state changes",
        f"After each throw the croupier may exchange the dice under the table: the fair one for the loaded one with probability {away:.2f}, "
        f"back with {back:.2f}. What leaves a state adds up to 1. These numbers are the transition probabilities.",
        ["fair>fair", "fair>loaded", "loaded>loaded", "loaded>fair"], **_upto(-1),
    )  # fmt: skip
    drawing.step(
        "What each state shows",
        "The fair die shows each face with 1/6, the loaded one a six in half of its throws. These are the emission "
        "probabilities: a state emits what we see.",
        ["shows_fair", "shows_loaded"], **_upto(-1),
    )  # fmt: skip
    drawing.step(
        "In time: a chain",
        "z₁ is the die of the first throw, z₂ that of the second. Each depends on the one before it and on nothing "
        "else: this is what makes it a Markov chain.",
        ["z0", "z1", "z2", "z3", "z0>z1", "z1>z2", "z2>z3"], **_upto(-1),
    )  # fmt: skip
    drawing.step(
        "All that is seen: the throws",
        f"{', '.join(str(throw + 1) for throw in THROWS)}. From these we want to know how probable they are, and which dice were behind them. "
        f"There are 2⁴ = {2 ** len(THROWS)} possible rows of dice, and each could have made these throws.",
        ["x0", "x1", "x2", "x3", "z0>x0", "z1>x1", "z2>x2", "z3>x3"], **_upto(-1),
    )  # fmt: skip


def joints(alpha: Sequence[float], throw: int) -> tuple[Sequence[float], Sequence[float]]:
    """What arrives at each die from the shares `alpha` before it; and that times the throw's p."""
    model = casino(CASINO)
    transition, emission = model.transition.tolist(), model.emission.tolist()
    arriving = [sum(alpha[r] * transition[r][s] for r in range(2)) for s in range(2)]
    return arriving, [arriving[s] * emission[s][throw] for s in range(2)]


def likelihood() -> float:
    """The probability of the throws as the sum over all rows of dice, one by one."""
    model = casino(CASINO)
    initial, transition = model.initial.tolist(), model.transition.tolist()
    emission, total = model.emission.tolist(), 0.0
    for path in product(range(2), repeat=len(THROWS)):
        p = initial[path[0]] * emission[path[0]][THROWS[0]]
        for t in range(1, len(THROWS)):
            p *= transition[path[t - 1]][path[t]] * emission[path[t]][THROWS[t]]
        total += p
    return total


def _forward_steps(drawing: Drawing, reply: JsonObject) -> None:
    away, back = CASINO["leave_fair"], CASINO["leave_loaded"]
    shares, sums = reply["forward"], reply["scales"]
    drawing.step(
        "Forward, throw 1",
        f"Half the games begin with each die. Fair and a six: ½ × ⅙ = {0.5 / 6:.3f}. Loaded and a six: ½ × ½ = 0.250. Divided by their sum {sums[0]:.3f}: "
        f"after one six the die is loaded with probability {shares[0][1]:.2f}.",
        ["alpha0", "c0", "z0", "x0"], **_upto(0),
    )  # fmt: skip
    arriving, joint = joints(shares[0], THROWS[1])
    drawing.step(
        "Forward, throw 2: go along the arrows",
        f"Fair now: it was fair and stayed, or was loaded and was exchanged: {shares[0][0]:.3f} × {1 - away:.2f} + {shares[0][1]:.3f} × {back:.2f} = {arriving[0]:.4f}. "
        f"Times ⅙ for the six: {joint[0]:.4f}. For loaded likewise: {arriving[1]:.4f} × ½ = {joint[1]:.4f}. Sum {sums[1]:.3f}, shares {shares[1][0]:.3f} and {shares[1][1]:.3f}.",
        ["alpha0", "alpha1", "c1", "z0>z1", "x1", "fair>fair", "loaded>fair"], **_upto(1),
    )  # fmt: skip
    drawing.step(
        "Forward, throws 3 and 4: the same again",
        f"A {THROWS[2] + 1} and a {THROWS[3] + 1} are not what a loaded die likes to show: the probability that it is loaded falls to {shares[2][1]:.3f} and {shares[3][1]:.3f}. "
        "Each throw costs the same work, however long the row is.",
        ["alpha2", "c2", "alpha3", "c3", "x2", "x3"],
    )  # fmt: skip
    product_ = " × ".join(f"{each:.3f}" for each in sums)
    drawing.step(
        "The probability of all throws",
        f"Each divisor is the probability of its throw, given those before. Their product is the probability of all four: {product_} = {likelihood():.5f}. "
        f"Adding up all {2 ** len(THROWS)} rows of dice one by one gives the same number.",
        ["c0", "c1", "c2", "c3"],
    )  # fmt: skip
    path = reply["path"]
    names = ", ".join(DICE[die] for die in path)
    drawing.step(
        "The best path: the largest instead of the sum",
        f"Who asks for the one best row of dice keeps, at each state, the best way there in place of the sum of all ways. For these throws it is {names}. "
        "This is Viterbi's algorithm.",
        [f"z{t}" for t in range(4)],
        **{f"z{t}": {"text": DICE[die][0].upper()} for t, die in enumerate(path)},
    )  # fmt: skip
