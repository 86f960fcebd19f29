"""Lesson 6: a convolution with every number, and its size formula solved for the settings."""

import torch
import torch.nn.functional as F

from torchcamp.base.plain import plain
from torchcamp.base.wire import Reply, State
from torchcamp.widgets.sliding import Sliding

SOBEL = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
BEGIN = {
    "size": 7, "kernel": 3, "padding": 1, "stride": 2, "dilation": 1, "inChannels": 1,
    "outChannels": 2, "row": 0, "column": 0, "channel": 0, "wantedInput": 28, "wantedOutput": 14,
}  # fmt: skip
MAX_TERMS = 27  # the most that are written out


def sliding() -> Sliding:
    """A filter that slides over a picture of small integers."""
    return Sliding(answer=lambda state: (plain(_convolve(state)), []), state=dict(BEGIN))


def _convolve(state: State) -> Reply:
    keys = ("size", "kernel", "padding", "stride", "dilation", "inChannels", "outChannels")
    i, k, p, s, d, ic, oc = (int(state[key]) for key in keys)
    reach = d * (k - 1) + 1
    room = i + 2 * p - reach
    size = room // s + 1 if room >= 0 else None
    reach_symbols = "k" if d == 1 else "(d·(k − 1) + 1)"
    reach_numbers = str(k) if d == 1 else f"({d}·({k} − 1) + 1)"
    formula = (
        f"o = ⌊(i − {reach_symbols} + 2p) / s⌋ + 1 = ⌊({i} − {reach_numbers} + 2·{p}) / {s}⌋ + 1"
        f" = {'' if size is None else f'⌊{room} / {s}⌋ + 1 = {size}'}"
    )
    reply: Reply = {
        "formula": formula,
        "numbers": f"weight {oc}×{ic}×{k}×{k} and bias {oc}: {oc * (ic * k * k + 1)} numbers to learn",
        "size": size,
        "inverse": settings_for(int(state["wantedInput"]), int(state["wantedOutput"])),
    }
    generator = torch.Generator().manual_seed(3)
    x = torch.randint(0, 5, (1, 3, 10, 10), generator=generator).float()[:, :ic, :i, :i]
    weight = torch.randint(-2, 3, (4, 3, 5, 5), generator=generator).float()[:oc, :ic, :k, :k]
    if k == 3:
        weight[0, 0] = SOBEL
    bias = torch.tensor([0.0, 1.0, -1.0, 2.0])[:oc]
    try:
        output = F.conv2d(x, weight, bias, stride=s, padding=p, dilation=d)
    except RuntimeError as error:
        return reply | {"refused": f"PyTorch refuses: {str(error).splitlines()[0]}"}
    channel = min(int(state["channel"]), oc - 1)
    row, column = (min(int(state[key]), output.shape[2] - 1) for key in ("row", "column"))
    padded = F.pad(x, (p, p, p, p))[0]
    terms = []
    for c in range(ic):
        for y in range(k):
            for z in range(k):
                number = padded[c, row * s + y * d, column * s + z * d].item()
                terms.append(f"{_digit(number)}·{_digit(weight[channel, c, y, z].item())}")
    shown = " + ".join(terms[:MAX_TERMS]) + (
        f" + … ({len(terms)} products)" if len(terms) > MAX_TERMS else ""
    )
    return reply | {
        "input": padded.tolist(),
        "filter": weight[channel].tolist(),
        "output": output[0, channel].tolist(),
        "row": row,
        "column": column,
        "channel": channel,
        "value": output[0, channel, row, column].item(),
        "terms": f"{shown} + bias {_digit(bias[channel].item())}",
    }


def _digit(value: float) -> str:
    return f"(−{-value:g})" if value < 0 else f"{value:g}"


def settings_for(i: int, o: int) -> list[str]:
    """Settings that turn size i into o: odd kernels up to 11, padding below that, stride up to 4."""
    return [
        f"k={k} p={p} s={s}"
        for s in range(1, 5)
        for k in range(1, 12, 2)
        for p in range(k)
        if i + 2 * p >= k and (i - k + 2 * p) // s + 1 == o
    ]
