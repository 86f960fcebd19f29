"""The RBM as two layers of bits: what is lit by a picture above lights a picture below."""

from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, repainted, schema
from torchcamp.models import rbm
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 12
SHOWN = 6  # bits of each layer that are drawn one by one
COLUMN = 14  # where the drawn pixels stand in the picture
MANY = 100  # Gibbs steps


def whole(network: nn.Module, images: Images) -> Schema:
    """A test picture switches hidden bits on, and they draw another picture."""
    return schema(lambda example: draw(network, images, example), NUM_EXAMPLES)


# Longer than 60 lines: a drawing is the list of its parts and steps.
@torch.no_grad()
def draw(network: nn.Module, images: Images, example: int) -> Drawing:
    """The drawing of a Gibbs step from test picture `example`."""
    machine: Any = network
    side = images.test_images.shape[-1]
    generator = torch.Generator().manual_seed(example)
    v = (images.test_images[example] > 127).float().flatten()[None]  # (1, V)
    hidden_probs = machine.hidden_probs(v)  # (1, H)
    h = rbm.draw_bits(hidden_probs, generator)
    visible_probs = machine.visible_probs(h)  # (1, V)
    after = rbm.draw_bits(visible_probs, generator)
    num_hidden, num_pixels = h.shape[1], v.shape[1]

    units = _spread(hidden_probs[0])
    pixels = [side * row + COLUMN for row in range(4, side - 3, (side - 8) // (SHOWN - 1))][:SHOWN]
    unit, pixel = units[SHOWN // 2], pixels[SHOWN // 2]
    ups = [f"v{i}>h{SHOWN // 2}" for i in range(SHOWN)]
    downs = [f"h{j}>v{SHOWN // 2}" for j in range(SHOWN)]
    each_h, each_v = ([f"{name}{i}" for i in range(SHOWN)] for name in "hv")

    drawing = Drawing(
        summary=(
            "Two layers of bits: the pixels of a picture below, hidden bits above, each tied to each "
            "of the other layer. The picture decides how likely each hidden bit is; the bits are "
            "drawn; they decide how likely each pixel is; a new picture is drawn."
        ),
        code=(
            "models/rbm.py::RBM.hidden_probs",
            "models/rbm.py::RBM.visible_probs",
            "models/rbm.py::gibbs_step",
            "models/rbm.py::energy",
        ),
    )
    drawing.picture("hidden", _as_rows(h[0]), (92, 100), (82, 92), size=(125, 100),
        label="hidden layer h", detail=f"{num_hidden} bits", lines=["hidden = draw_bits"],
        note="All hidden bits, row by row: white is 1, black is 0.")  # fmt: skip
    drawing.picture("visible", v.view(side, side), (92, 300), (82, 516), size=(112, 112),
        label="visible layer v", detail=f"{num_pixels} bits", lines=["visible = draw_bits"],
        note="The picture: every pixel is a bit, 1 is white and 0 is black.")  # fmt: skip
    drawing.picture("weights", machine.weight[:, unit].view(side, side), (778, 100), (272, 92),
        size=(112, 112), narrowSize=(100, 100), signed=True, label="weights of the 4th",
        detail="orange +, blue −", lines=["torch.addmm(self.hidden_bias"],
        note="The weights between one hidden bit and every pixel. A white pixel on orange pulls the bit towards 1, on blue towards 0.")  # fmt: skip
    drawing.text("some_h", f"six of the {num_hidden} hidden bits", (445, 24), (180, 186))
    drawing.text("some_v", f"six of the {num_pixels} pixels", (445, 372), (180, 420))
    for i in range(SHOWN):
        x, narrow_x = 240 + 82 * i, 35 + 58 * i
        drawing.unit(
            f"h{i}",
            _bit(h[0, units[i]]),
            (x, 100),
            (narrow_x, 240),
            label=f"p {hidden_probs[0, units[i]]:.2f}",
            lines=["torch.addmm(self.hidden_bias", "hidden = draw_bits"],
            note="A hidden bit. Inside, what was drawn; above it, how likely a 1 was.",
        )
        drawing.unit(f"v{i}", _bit(v[0, pixels[i]]), (x, 300), (narrow_x, 366),
            lines=["torch.addmm(self.visible_bias", "visible = draw_bits"],
            note="A visible bit: one pixel of the picture.")  # fmt: skip
    for i in range(SHOWN):
        for j in range(SHOWN):
            drawing.arrow(f"v{i}", f"h{j}", headless=True)
            drawing.arrow(f"h{j}", f"v{i}", headless=True)
    energies = rbm.energy(machine, v, h).item()
    drawing.box("energy", f"E = {_signed(energies)}", (778, 300), (272, 516), size=(150, 58),
        detail="energy of v and h", lines=["pairs =", "return -(visible"],
        note="The energy of the picture and the hidden bits together: the lower, the likelier.")  # fmt: skip

    away = {"hidden": True}
    no_h = {name: {"text": "?", "label": ""} for name in each_h}
    p_only = {name: {"text": "?"} for name in each_h}
    pull = (v @ machine.weight + machine.hidden_bias)[0, unit].item()
    down = (h @ machine.weight.T + machine.visible_bias)[0, pixel].item()
    probs_below = {
        f"v{i}": {"text": "?", "detail": f"p {visible_probs[0, at]:.2f}"}
        for i, at in enumerate(pixels)
    }
    bits_below = {
        f"v{i}": {"text": _bit(after[0, at]), "detail": f"p {visible_probs[0, at]:.2f}"}
        for i, at in enumerate(pixels)
    }
    drawing.step(
        "Two layers of bits",
        f"Below, a picture: {num_pixels} pixels, each 0 or 1. Above, {num_hidden} hidden bits, which nobody sees; "
        "they will stand for what the machine notices. Each pixel is tied to each hidden bit by one "
        "weight. Inside a layer nothing is tied: that is the restriction.",
        ["visible", *each_v, *each_h],
        hidden=away, weights=away, energy=away, **no_h,
    )  # fmt: skip
    drawing.step(
        "The picture pulls at a hidden bit",
        "Add up the weights between one hidden bit and all white pixels, and a bias of its own. For "
        f"the fourth this gives a pull of {_signed(pull, 2)}. The sigmoid makes a probability of it: "
        f"σ({_signed(pull, 2)}) = {hidden_probs[0, unit]:.2f}.",
        [*ups, f"h{SHOWN // 2}", "weights"],
        hidden=away, energy=away, **p_only,
    )  # fmt: skip
    drawing.step(
        "Each hidden bit is drawn",
        f"The fourth becomes 1 with probability {hidden_probs[0, unit]:.2f}; this time it became "
        f"{_bit(h[0, unit])}. All {num_hidden} are drawn at once, since none depends on another: "
        f"{int(h.sum())} of them came out as 1.",
        ["hidden", *each_h],
        energy=away,
    )
    drawing.step(
        "The hidden bits pull at the pixels",
        "Now the same weights are read downwards. The hidden bits that are 1 pull at each pixel; for the "
        f"fourth one drawn here the pull is {_signed(down, 2)}, so it will be white with probability "
        f"σ({_signed(down, 2)}) = {visible_probs[0, pixel]:.2f}. On the left, the probability of every pixel.",
        [*downs, f"v{SHOWN // 2}", "visible"],
        energy=away, weights=away, **probs_below,
        visible={**repainted(visible_probs.view(side, side)), "label": "probability of white"},
    )  # fmt: skip
    drawing.step(
        "A new picture is drawn",
        f"Each pixel is drawn with its probability. {int((after != v).sum())} of the {num_pixels} pixels differ from the "
        "picture we began with. Up to the hidden bits and down again: this is one Gibbs step.",
        ["visible", *each_v],
        energy=away, weights=away, **bits_below,
        visible={**repainted(after.view(side, side)), "label": "the new picture"},
    )  # fmt: skip
    late, late_h = _many_steps(machine, h, generator)
    drawing.step(
        f"And again, {MANY} times",
        "The chain of pictures wanders, always towards what the machine finds likely, and never stays. "
        f"After {MANY} steps it is here. All pictures of the chain are made by the machine; no test "
        "picture is looked at any more.",
        ["visible", "hidden", *[f"v{i}>h{i}" for i in range(SHOWN)], *[f"h{i}>v{i}" for i in range(SHOWN)]],
        energy=away, weights=away,
        visible={**repainted(late.view(side, side)), "label": f"after {MANY} steps"},
        hidden=repainted(_as_rows(late_h[0])),
        **{f"v{i}": {"text": _bit(late[0, at])} for i, at in enumerate(pixels)},
        **{f"h{j}": {"text": _bit(late_h[0, at]), "label": ""} for j, at in enumerate(units)},
    )  # fmt: skip
    noise = (torch.rand(v.shape, generator=generator) < 0.5).float()
    drawing.step(
        "One number for how well they fit: the energy",
        "Back to the first picture and the bits that it drew. The energy sums up how well the two "
        f"layers fit: {_signed(energies)}. With the same hidden bits, a picture of pure noise has "
        f"{_signed(rbm.energy(machine, noise, h).item())}. Low energy means high probability.",
        ["visible", "hidden", "energy"],
        weights=away,
    )
    return drawing


def _spread(probs: Tensor) -> list[int]:
    """Units of all kinds: from surely off over undecided to surely on."""
    order = probs.argsort()
    return [int(order[round(share * (len(order) - 1))]) for share in (0.1, 0.2, 0.3, 0.38, 0.6, 0.95)]  # fmt: skip


def _as_rows(bits: Tensor) -> Tensor:
    """Hidden bits (H,) as a picture of rows of 25, filled up with zeros: (R, 25)."""
    missing = -len(bits) % 25
    return torch.cat([bits, bits.new_zeros(missing)]).view(-1, 25)


def _many_steps(machine: Any, h: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    v = machine.visible_probs(h)
    for _ in range(MANY):
        v = rbm.draw_bits(machine.visible_probs(h), generator)
        h = rbm.draw_bits(machine.hidden_probs(v), generator)
    return v, h


def _bit(value: Tensor) -> str:
    return str(int(value))


def _signed(value: float, decimals: int = 0) -> str:
    """A number with a real minus sign."""
    return f"{value:,.{decimals}f}".replace("-", "−")
