"""Lesson 2: activations and their derivatives, by autograd in float32."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, State
from torchcamp.figures import mlp
from torchcamp.widgets.activations import Activations
from torchcamp.widgets.plane import Plane

Function = Callable[[Tensor], Tensor]
NUM_POINTS = 241

# Name -> (title, function): PyTorch's form, then the lecture's where it differs.
ACTIVATIONS: dict[str, list[tuple[str, Function]]] = {
    "relu": [("relu(x) = max(0, x)", F.relu)],
    "leaky_relu": [
        ("leaky_relu(x), slope 0.2", lambda x: F.leaky_relu(x, 0.2)),
    ],
    "sigmoid": [
        ("sigmoid(x) = 1 / (1 + e^-x)", torch.sigmoid),
        ("e^x / (e^x + 1)", lambda x: torch.exp(x) / (torch.exp(x) + 1)),
    ],
    "tanh": [
        ("tanh(x)", torch.tanh),
        (
            "(e^x - e^-x) / (e^x + e^-x)",
            lambda x: (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x)),
        ),
    ],
}


def activations() -> Activations:
    """The lecture's four activations with their derivatives, out to where float32 overflows."""
    names = [[name, name.replace("_", " ")] for name in ACTIVATIONS]
    return Activations(
        answer=_activation,
        state={"name": names[0][0], "range": 5, "x": 1.0},
        setup={"names": names, "ranges": [5, 20, 120]},
    )


def values_and_slopes(function: Function, xs: Tensor) -> tuple[Tensor, Tensor]:
    """A function's values at `xs`, and its derivatives there by autograd."""
    points = xs.clone().requires_grad_()
    values = function(points)
    (slopes,) = torch.autograd.grad(values.sum(), points)
    return values.detach(), slopes


def _activation(state: State) -> Answer:
    forms = ACTIVATIONS[state["name"]]
    xs = torch.linspace(-state["range"], state["range"], NUM_POINTS)
    x = torch.tensor([float(state["x"])])
    curves, at = [], []
    for title, function in forms:
        values, slopes = values_and_slopes(function, xs)
        curves.append({"title": title, "values": values.tolist(), "slopes": slopes.tolist()})
        value, slope = (each.item() for each in values_and_slopes(function, x))
        at.append({"value": value, "slope": slope, "flat": state["name"] in ("sigmoid", "tanh")})
    first_slopes = torch.tensor(curves[0]["slopes"])
    last_values = torch.tensor(curves[-1]["values"])
    lost = {"value": _bands(xs, ~torch.isfinite(last_values)), "slope": []}
    if at[0]["flat"]:
        lost["slope"] = _bands(xs, first_slopes == 0)
    reply = {"xs": xs.tolist(), "x": x.item(), "forms": curves, "at": at, "lost": lost}
    explanation = _explanation(state["name"], x.item(), at)
    return plain(reply | {"words": explanation}), []


def _explanation(name: str, x: float, at: list[dict[str, float]]) -> str:
    value, slope = at[0]["value"], at[0]["slope"]
    if name == "relu":
        return (
            "Left of 0 the derivative is 0: this unit passes no gradient back."
            if x <= 0
            else "Right of 0 the derivative is 1: the gradient passes unchanged, through any number "
            "of layers."
        )
    if name == "leaky_relu":
        return "Left of 0 a fifth of the gradient still passes."
    if not torch.isfinite(torch.tensor(at[-1]["value"])):
        return (
            "On paper both forms are the same. In 32 bits e^89 is infinite, and infinity divided by "
            "infinity is nan: the second form is lost here."
        )
    if slope == 0:
        return (
            "The derivative is exactly 0 in 32 bits: no gradient comes back through this unit, "
            "however wrong it is."
        )
    tenth = slope**10
    return (
        f"Ten layers with this slope pass on only {tenth:.1e} of a gradient."
        if slope < 0.99
        else f"At {value:.2f} the slope is {slope:.2f}: nearly all of the gradient passes."
    )


def _bands(xs: Tensor, lost: Tensor) -> list[dict[str, float]]:
    """The intervals of the axis where `lost` is true."""
    step = (xs[1] - xs[0]).item()
    bands: list[dict[str, float]] = []
    for x, is_lost in zip(xs.tolist(), lost.tolist(), strict=True):
        if not is_lost:
            continue
        if bands and x - bands[-1]["to"] < 1.5 * step:
            bands[-1]["to"] = x + step / 2
        else:
            bands.append({"from": x - step / 2, "to": x + step / 2})
    return bands


def plane() -> Plane:
    """A small network that classifies points of the plane, with a choice of activations."""
    return mlp.plane(what="activations")
