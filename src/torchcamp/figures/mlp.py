"""Lessons 2, 3 and 5: a small network that learns to classify points of the plane."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, Reply, State
from torchcamp.widgets.plane import Plane

EXTENT = 2.2  # of the plane, to each side
SIDE = 44  # points per side of the field of probabilities
HIDDEN = 3
NUM_POINTS = 96
BATCH_SIZE = 16
MAX_STEPS = 50  # the most for one message

DATA = [["circle", "circle"], ["moons", "moons"], ["xor", "four corners"]]
ACTIVATIONS = [["tanh", "tanh"], ["relu", "ReLU"], ["sigmoid", "sigmoid"], ["none", "none"]]
FAULTS = [
    ["no_zero_grad", "no zero_grad"],
    ["wrong_sign", "wrong sign"],
    ["rate", "rate × 100"],
    ["sorted", "sorted, not shuffled"],
]
LOSS_FAULTS = [["twice", "sigmoid twice"], ["mse", "MSE instead"], ["sum", "sum, not mean"]]
PHASES = ("forward", "loss", "backward", "update")


def plane(*, what: str = "training") -> Plane:
    """The figure of lesson 5 (`what="training"`), 2 (`"activations"`) or 3 (`"losses"`)."""
    setups = {
        "training": {"data": DATA, "activations": ACTIVATIONS[:2], "faults": FAULTS},
        "activations": {"data": DATA, "activations": ACTIVATIONS, "faults": []},
        "losses": {"data": DATA, "activations": ACTIVATIONS[:1], "faults": LOSS_FAULTS},
    }
    setup = setups[what]
    state = {
        "data": DATA[0][0],
        "activation": setup["activations"][0][0],
        "rate": 0.3,
        "faults": [],
        "do": "look",
    }
    return Plane(answer=PlaneClassifier().answer, state=state, setup=setup)


class PlaneClassifier:
    """The network, its gradients, and the phase of its current step."""

    def __init__(self) -> None:
        self.faults: set[str] = set()
        self.rate = 0.3
        self._reset("circle", "tanh")

    def answer(self, state: State) -> Answer:
        """Carry out the page's command, and return the new state."""
        self.faults = set(state["faults"])
        self.rate = float(state["rate"]) * (100 if "rate" in self.faults else 1)
        fresh = state["do"] == "reset" or self.key != (state["data"], state["activation"])
        if fresh:
            self._reset(state["data"], state["activation"])
        losses: list[float] = []
        if state["do"] == "steps":
            for _ in range(min(int(state["steps"]), MAX_STEPS)):
                while True:
                    self._next_phase()
                    if self.phase == 0:
                        break
                losses.append(self.loss.item())
        elif state["do"] == "phase":
            self._next_phase()
            if self.phase == 0:
                losses.append(self.loss.item())
        reply = self._reply() | {"fresh": fresh, "losses": losses}
        return plain(reply), [self._field()]

    def _reset(self, data: str, activation: str) -> None:
        self.key = (data, activation)
        self.points, self.labels = points(data)
        generator = torch.Generator().manual_seed(4)
        self.order_generator = torch.Generator().manual_seed(0)
        self.first, self.second = nn.Linear(2, HIDDEN), nn.Linear(HIDDEN, 1)
        with torch.no_grad():
            for p in self._parameters():
                p.copy_(0.9 * torch.randn(p.shape, generator=generator))
        self.activation = {
            "tanh": torch.tanh,
            "relu": torch.relu,
            "sigmoid": torch.sigmoid,
            "none": lambda x: x,
        }[activation]
        self.hidden: Tensor | None = None  # of the current batch
        self.queue: list[Tensor] = []
        self.num_steps, self.phase = 0, 0
        self.batch = self._next_batch()
        self.loss = torch.tensor(math.nan)

    def _parameters(self) -> list[nn.Parameter]:
        return [*self.first.parameters(), *self.second.parameters()]

    def _next_batch(self) -> Tensor:
        if not self.queue:
            order = (
                self.labels.argsort(stable=True)
                if "sorted" in self.faults
                else torch.randperm(NUM_POINTS, generator=self.order_generator)
            )
            self.queue = list(order.split(BATCH_SIZE))
        return self.queue.pop(0)

    def _forward(self, x: Tensor) -> Tensor:
        hidden = self.activation(self.first(x))
        if x is not self.points:
            self.hidden = hidden
        return self.second(hidden).squeeze(1)

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        if "mse" in self.faults:
            return F.mse_loss(torch.sigmoid(logits), labels)
        if "twice" in self.faults:
            logits = torch.sigmoid(logits)
        reduction = "sum" if "sum" in self.faults else "mean"
        return F.binary_cross_entropy_with_logits(logits, labels, reduction=reduction)

    def _next_phase(self) -> None:
        """Run the next part of a step: forward, loss, backward or update."""
        if self.phase == 0:
            self.batch = self._next_batch()
            self.logits = self._forward(self.points[self.batch])
            assert self.hidden is not None
            self.hidden.retain_grad()
        elif self.phase == 1:
            self.loss = self._loss(self.logits, self.labels[self.batch].float())
        elif self.phase == 2:
            if "no_zero_grad" not in self.faults:
                for p in self._parameters():
                    p.grad = None
            self.loss.backward()
        else:
            sign = 1 if "wrong_sign" in self.faults else -1
            with torch.no_grad():
                for p in self._parameters():
                    if p.grad is not None:
                        p += sign * self.rate * p.grad
            self.num_steps += 1
        self.phase = (self.phase + 1) % len(PHASES)

    def _reply(self) -> Reply:
        done = "begin" if self.num_steps + self.phase == 0 else PHASES[self.phase - 1]
        has_grads = self.phase in (0, 3) and done != "begin"
        with torch.no_grad():
            accuracy = (
                ((self._forward(self.points) > 0) == (self.labels == 1)).float().mean().item()
            )
        example = self.batch[0]
        x = self.points[example]
        with torch.no_grad():
            hidden = self.activation(self.first(x))
            p = torch.sigmoid(self.second(hidden)).item()
        shown_grads = self.hidden.grad if has_grads and self.hidden is not None else None
        sign = 1 if "wrong_sign" in self.faults else -1

        def layer(linear: nn.Linear) -> Reply:
            entry: Reply = {
                "weight": linear.weight.tolist(),
                "bias": linear.bias.tolist(),
            }
            if has_grads and linear.weight.grad is not None and linear.bias.grad is not None:
                entry["weightGrad"] = linear.weight.grad.tolist()
                entry["biasGrad"] = linear.bias.grad.tolist()
                if self.phase == 3:
                    step = sign * self.rate
                    entry["weightNext"] = (linear.weight + step * linear.weight.grad).tolist()
                    entry["biasNext"] = (linear.bias + step * linear.bias.grad).tolist()
            return entry

        return {
            "points": [[*p, y] for p, y in zip(self.points.tolist(), self.labels.tolist(), strict=True)],
            "batch": self.batch.tolist(),
            "extent": EXTENT,
            "side": SIDE,
            "layers": [layer(self.first), layer(self.second)],
            "example": {
                "x": x.tolist(),
                "hidden": hidden.tolist(),
                "hiddenGrads": shown_grads[0].tolist() if shown_grads is not None else None,
                "p": p,
            },
            "rate": self.rate,
            "phase": done,
            "nextPhase": PHASES[self.phase],
            "numSteps": self.num_steps,
            "accuracy": accuracy,
            "words": self._explanation(done, accuracy, p, int(self.labels[example])),
        }  # fmt: skip

    def _explanation(self, done: str, accuracy: float, p: float, label: int) -> str:
        if not all(torch.isfinite(q).all() for q in self._parameters()):
            return "The weights are nan: nothing brings them back. Begin again with a smaller rate."
        share = f"{100 * accuracy:.0f} % of the points are right"
        by_phase = {
            "begin": "Random weights. Go through a step part by part, or train.",
            "forward": f"Forward: the point gets p = {p:.3f}; the truth is {label}.",
            "loss": f"Loss: over the {BATCH_SIZE} points of the batch, {self.loss.item():.4f}.",
            "backward": "Backward: every weight now has its gradient. The right column shows where the update "
            "will put it.",
            "update": f"Step {self.num_steps} is done: {share}.",
        }
        return by_phase[done]

    def _field(self) -> bytes:
        axis = torch.linspace(-EXTENT, EXTENT, SIDE)
        grid = torch.stack([axis.repeat(SIDE), axis.flip(0).repeat_interleave(SIDE)], dim=1)
        with torch.no_grad():
            logits = self.second(self.activation(self.first(grid))).squeeze(1)
            probs = torch.sigmoid(logits).nan_to_num(0.5)
        return (255 * probs).round().byte().numpy().tobytes()


def points(name: str) -> tuple[Tensor, Tensor]:
    """Points (N, 2) and their classes (N,), the same on every call."""
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(NUM_POINTS) % 2
    if name == "circle":
        angle = 2 * math.pi * torch.rand(NUM_POINTS, generator=generator)
        radius = torch.where(labels == 1, 0.55, 1.55) + 0.16 * torch.randn(
            NUM_POINTS, generator=generator
        )
        where = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    elif name == "moons":
        angle = math.pi * torch.rand(NUM_POINTS, generator=generator)
        upper = torch.stack([1.2 * angle.cos() - 0.5, 1.2 * angle.sin() - 0.35], dim=1)
        where = torch.where(labels[:, None] == 1, -upper, upper)
        where = where + 0.14 * torch.randn(NUM_POINTS, 2, generator=generator)
    else:
        where = 3.4 * torch.rand(NUM_POINTS, 2, generator=generator) - 1.7
        where = where + 0.18 * where.sign()
        labels = (where[:, 0] * where[:, 1] > 0).long()
    return where, labels
