"""Lesson 3: the lecture's losses and their gradients, each written in several ways, in float32."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from torchcamp.base.plain import plain
from torchcamp.base.wire import Reply, State
from torchcamp.figures import mlp
from torchcamp.figures.activations import NUM_POINTS, Function, values_and_slopes
from torchcamp.widgets.losses import Losses
from torchcamp.widgets.plane import Plane

CLASSES = ("cat", "dog", "owl", "fox")


def losses() -> Losses:
    """The lecture's losses: move a logit or a prediction, see value and gradient."""
    boards = {"logit": _logit, "row": _row, "number": _number}
    return Losses(
        answer=lambda state: (plain(boards[state["board"]](state)), []),
        state={
            "board": "logit",
            "z": 2.0,
            "target": 0,
            "logits": [2.0, 0.5, -1.0, 0.0],
            "label": 0,
            "count": 4,
            "reduction": "mean",
            "prediction": 3.0,
        },
        setup={"classes": list(CLASSES)},
    )


def _logit(state: State) -> Reply:
    """Two classes: the same loss, written in five ways."""
    target = float(state["target"])
    forms = _forms_of_binary_cross_entropy(target)
    xs, z = torch.linspace(-30, 30, NUM_POINTS), torch.tensor([float(state["z"])])
    rows = [
        [title, *(each.item() for each in values_and_slopes(function, z))]
        for title, function in forms
    ]
    drawn = [values_and_slopes(forms[i][1], xs) for i in (0, 2, 4)]
    p = torch.sigmoid(z).item()
    wrong = p if target == 0 else 1 - p
    explanation = (
        f"p = sigmoid({z.item():.1f}) = {p:.6g}. The gradient of the loss by the logit is p - y = "
        f"{p - target:.4g}"
        + (
            ": confident and wrong, it pulls with full strength. See which forms have lost it."
            if wrong > 0.99
            else "."
        )
    )
    return {
        "board": "logit",
        "at": z.item(),
        "xs": xs.tolist(),
        "curves": [{"values": v.tolist(), "slopes": s.tolist()} for v, s in drawn],
        "limits": [0, 30],
        "slopeLimits": [-1.1, 1.1],
        "columns": ["in 32 bits", "loss", "gradient"],
        "rows": rows,
        "words": explanation
        + " Orange: PyTorch's; dashed: with 1e-8; blue: sigmoid applied twice.",
    }


def _forms_of_binary_cross_entropy(target: float) -> list[tuple[str, Function]]:
    """How people write the loss of a logit: title and function of the logit."""

    def of(log_p: Function, log_q: Function) -> Function:
        return lambda z: -log_p(z) if target else -log_q(z)

    return [
        (
            "F.binary_cross_entropy_with_logits(z, y)",
            lambda z: F.softplus(-z) if target else F.softplus(z),
        ),
        (
            "log(p), log(1 - p) with p = sigmoid(z)",
            of(lambda z: torch.sigmoid(z).log(), lambda z: (1 - torch.sigmoid(z)).log()),
        ),
        (
            "the same with + 1e-8 inside the log",
            of(
                lambda z: (torch.sigmoid(z) + 1e-8).log(),
                lambda z: (1 - torch.sigmoid(z) + 1e-8).log(),
            ),
        ),
        (
            "F.binary_cross_entropy(sigmoid(z), y)",
            lambda z: F.binary_cross_entropy(
                torch.sigmoid(z), torch.full_like(z, target), reduction="none"
            ),
        ),
        (
            "sigmoid twice: with_logits(sigmoid(z), y)",
            lambda z: F.softplus(-torch.sigmoid(z) if target else torch.sigmoid(z)),
        ),
    ]


def _row(state: State) -> Reply:
    """Several classes: cross-entropy, the lecture's binary cross-entropy, and torch's mean of it."""
    count, label, reduction = int(state["count"]), int(state["label"]), state["reduction"]
    logits = torch.tensor([state["logits"]], dtype=torch.float32).requires_grad_()
    batch, labels = logits.expand(count, -1), torch.full((count,), label)
    loss = F.cross_entropy(batch, labels, reduction=reduction)
    (gradient,) = torch.autograd.grad(loss, logits)
    targets = F.one_hot(labels, len(CLASSES)).float()
    terms = F.binary_cross_entropy_with_logits(batch, targets, reduction="none")
    over_batch = torch.sum if reduction == "sum" else torch.mean
    lecture = over_batch(terms.sum(dim=1))
    torchs = terms.sum() if reduction == "sum" else terms.mean()
    twice = F.cross_entropy(batch.softmax(dim=1), labels, reduction=reduction)
    rows = []
    for title, value in (
        ("F.cross_entropy(logits, labels)", F.cross_entropy(batch, labels, reduction=reduction)),
        ("softmax before it, a mistake", twice),
        ("BCE, summed over classes", lecture),
        (f"torch's BCEWithLogitsLoss({reduction!r})", torchs),
    ):
        (logit_gradients,) = torch.autograd.grad(value, logits, retain_graph=True)
        rows.append([title, value.item(), logit_gradients[0, label].item()])
    p = logits.softmax(dim=1)[0]
    explanation = (
        f"{CLASSES[label]} gets p = {p[label]:.4f}: the loss of one picture is -ln p = "
        f"{-p[label].log():.4f}. Its gradient is softmax minus one-hot: the true class is pulled up, "
        f"all others down, and the pulls add up to 0. "
        + (
            f"Summed over {count} pictures, loss and gradient are {count} times as large, as if the "
            f"learning rate were."
            if reduction == "sum" and count > 1
            else "The mean does not care how many pictures there are."
        )
    )
    return {
        "board": "row",
        "probs": p.tolist(),
        "gradients": gradient[0].tolist(),
        "columns": ["loss", "value", f"gradient of {CLASSES[label]}'s logit"],
        "rows": rows,
        "words": explanation,
    }


def _number(state: State) -> Reply:
    """A prediction for the truth 0: MSE, MAE and RMSE."""
    count, reduction = int(state["count"]), state["reduction"]
    factor = count if reduction == "sum" else 1

    def of(loss: Callable[..., Tensor]) -> Function:
        return lambda x: factor * loss(x, torch.zeros_like(x), reduction="none")

    forms: list[tuple[str, Function]] = [
        (f"F.mse_loss(x, y, reduction={reduction!r})", of(F.mse_loss)),
        (f"F.l1_loss(x, y, reduction={reduction!r})", of(F.l1_loss)),
        ("RMSE: the root of the mean square", lambda x: of(F.mse_loss)(x).div(factor).sqrt()),
    ]
    xs, x = torch.linspace(-10, 10, NUM_POINTS), torch.tensor([float(state["prediction"])])
    rows = [
        [title, *(each.item() for each in values_and_slopes(function, x))]
        for title, function in forms
    ]
    drawn = [values_and_slopes(function, xs) for _, function in forms[:2]]
    explanation = (
        f"All {count} predictions are {x.item():.1f}, the truth is 0. The MSE (orange) pulls in proportion "
        f"to the error, the MAE (dashed) always equally hard. With reduction={reduction!r} the gradient "
        f"for moving all predictions together is {rows[0][2]:.4g}."
    )
    return {
        "board": "number",
        "at": x.item(),
        "xs": xs.tolist(),
        "curves": [{"values": v.tolist(), "slopes": s.tolist()} for v, s in drawn],
        "limits": [0, 50 * factor],
        "slopeLimits": [-20 * factor, 20 * factor],
        "columns": ["truth 0", "loss", "gradient"],
        "rows": rows,
        "words": explanation,
    }


def plane() -> Plane:
    """A small network that classifies points of the plane, with mistakes in its loss to switch on."""
    return mlp.plane(what="losses")
