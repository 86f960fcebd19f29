"""The GAN and the conditional GAN: a GAN in the plane, a film of digits, and pictures on request by class."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, State
from torchcamp.data.images import Images
from torchcamp.evaluation.reference_networks import reference_classifier
from torchcamp.figures.arrays import to_bytes
from torchcamp.models import gan
from torchcamp.widgets.draw_classes import DrawClasses
from torchcamp.widgets.film import Film
from torchcamp.widgets.game import Game

EXTENT = 2.4  # of the plane, to each side
SIDE = 36  # points per side of the discriminator's field
NUM_FAKES = 200  # fakes shown
BATCH_SIZE = 96
LATENT_DIM = 4
SLEEP = 20  # a player that sleeps moves once in so many steps
MAX_STEPS = 20  # the most for one message
NUM_DRAWS = 50  # pictures of a generator without classes
NUM_FRAMED = 40  # pictures per frame of the film
FILM_BATCH = 64

DATA = [
    ["ring", "ring of eight"],
    ["moons", "two moons"],
    ["line", "a line"],
    ["own", "draw your own"],
]
FAULTS = [
    ["asleep", "D asleep (one step in 20)"],
    ["ahead", "D far ahead (G asleep)"],
    ["saturated", "saturating loss"],
    ["undetached", "fakes not detached"],
]


def game() -> Game:
    """A GAN in the plane, with both networks small enough for tens of frames a second."""
    state = {
        "do": "look",
        "steps": 3,
        "data": "ring",
        "faults": [],
        "gRate": 0.002,
        "dRate": 0.004,
        "own": [],
    }
    return Game(answer=PlaneGAN().answer, state=state, setup={"data": DATA, "faults": FAULTS})


class PlaneGAN:
    """Generator, discriminator, the data, and the state of their training."""

    def __init__(self) -> None:
        self._reset("ring", [])

    def answer(self, state: State) -> Answer:
        """Train some steps, and show both players."""
        own = [[float(x) for x in point] for point in state["own"]]
        fresh = state["do"] == "reset" or state["data"] != self.data
        if fresh:
            self._reset(state["data"], own)
        elif own != self.own:
            self.own, self.real = own, self._points(own)
        self.g_optimizer.param_groups[0]["lr"] = float(state["gRate"])
        self.d_optimizer.param_groups[0]["lr"] = float(state["dRate"])
        losses = []
        if state["do"] == "steps" and len(self.real):
            for _ in range(min(int(state["steps"]), MAX_STEPS)):
                losses.append(self._step(set(state["faults"])))
        return self._show(set(state["faults"]), losses, fresh)

    def _reset(self, data: str, own: list[list[float]]) -> None:
        self.data, self.own, self.num_steps = data, own, 0
        self.generator = torch.Generator().manual_seed(0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.g = nn.Sequential(
                nn.Linear(LATENT_DIM, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2)
            )
            self.d = nn.Sequential(
                nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1)
            )  # fmt: skip
        self.g_optimizer = torch.optim.Adam(self.g.parameters(), lr=0.002, betas=(0.5, 0.9))
        self.d_optimizer = torch.optim.Adam(self.d.parameters(), lr=0.004, betas=(0.5, 0.9))
        self.real = self._points(own)
        self.fixed = torch.randn(NUM_FAKES, LATENT_DIM, generator=self.generator)
        axis = torch.linspace(-EXTENT, EXTENT, SIDE)
        self.grid = torch.stack([axis.repeat(SIDE), axis.flip(0).repeat_interleave(SIDE)], dim=1)

    def _points(self, own: list[list[float]]) -> Tensor:
        if self.data == "own":
            return torch.tensor(own).view(-1, 2)
        return points(self.data)

    def _step(self, faults: set[str]) -> list[float]:
        """One step of D, one of G: `models/gan.py::train_step` with the chosen faults."""
        self.num_steps += 1
        batch = torch.randint(len(self.real), (BATCH_SIZE,), generator=self.generator)
        jitter = 0.04 * torch.randn(BATCH_SIZE, 2, generator=self.generator)
        real = self.real[batch] + jitter
        fake = self.g(torch.randn(BATCH_SIZE, LATENT_DIM, generator=self.generator))
        fake_for_d = fake if "undetached" in faults else fake.detach()
        d_loss = gan.discriminator_loss(self.d(real).squeeze(1), self.d(fake_for_d).squeeze(1))
        self.g_optimizer.zero_grad()
        self.d_optimizer.zero_grad()
        d_loss.backward(retain_graph=True)
        moves = self.num_steps % SLEEP == 0
        if moves or "asleep" not in faults:
            self.d_optimizer.step()
        logits = self.d(fake).squeeze(1)
        self._g_loss(logits, faults).backward(inputs=list(self.g.parameters()))
        if moves or "ahead" not in faults:
            self.g_optimizer.step()
        return [d_loss.item(), gan.generator_loss(logits.detach()).item()]

    @staticmethod
    def _g_loss(logits: Tensor, faults: set[str]) -> Tensor:
        if "saturated" in faults:
            return -nn.functional.softplus(logits).mean()  # log(1 - D(G(z)))
        return gan.generator_loss(logits)

    def _show(self, faults: set[str], losses: list[list[float]], fresh: bool) -> Answer:
        fakes = self.g(self.fixed).detach().requires_grad_()
        logits = self.d(fakes).squeeze(1)
        loss = self._g_loss(logits, faults)
        if "undetached" in faults:  # then D's loss pulls at the fakes as well
            loss = loss + nn.functional.softplus(logits).mean()
        (pull,) = torch.autograd.grad(-NUM_FAKES * loss, fakes)  # per fake, downhill
        with torch.no_grad():
            field = torch.sigmoid(self.d(self.grid).squeeze(1))
            caught = float((logits < 0).float().mean())
        reply = {
            "numSteps": self.num_steps,
            "losses": losses,
            "fresh": fresh,
            "side": SIDE,
            "extent": EXTENT,
            "covered": covered(fakes.detach()) if self.data == "ring" else None,
            "caught": caught,
            "pull": float(pull.norm(dim=1).mean()),
            "spread": float(fakes.detach().std(dim=0).mean()),
            "empty": len(self.real) == 0,
        }
        shown = self.real[:: max(1, len(self.real) // 400)]
        return plain(reply), [
            to_bytes(field),
            fakes.detach().numpy().tobytes(),
            pull.numpy().tobytes(),
            shown.contiguous().numpy().tobytes(),
        ]


def ring_centres() -> Tensor:
    """Eight centres on a circle, (8, 2)."""
    angle = torch.arange(8) * math.pi / 4
    return 1.6 * torch.stack([angle.cos(), angle.sin()], dim=1)


def covered(fakes: Tensor) -> int:
    """How many of the ring's centres have at least one fake in fifty near them."""
    distance, nearest = torch.cdist(fakes, ring_centres()).min(dim=1)
    counts = torch.bincount(nearest[distance < 0.35], minlength=8)
    return int((counts >= len(fakes) / 50).sum())


def points(name: str) -> Tensor:
    """Real points (N, 2), the same on every call."""
    generator = torch.Generator().manual_seed(2)
    if name == "ring":
        which = torch.randint(8, (800,), generator=generator)
        return ring_centres()[which] + 0.08 * torch.randn(800, 2, generator=generator)
    if name == "moons":
        angle = math.pi * torch.rand(800, generator=generator)
        moon = torch.stack([1.2 * angle.cos() - 0.5, 1.2 * angle.sin() - 0.3], dim=1)
        moon = torch.where(torch.arange(800)[:, None] % 2 == 0, moon, -moon)
        return moon + 0.06 * torch.randn(800, 2, generator=generator)
    along = 4 * torch.rand(800, generator=generator) - 2
    line = torch.stack([along, 0.7 * torch.sin(2 * along)], dim=1)
    return line + 0.05 * torch.randn(800, 2, generator=generator)


def film(images: Images) -> Film:
    """The lecture's fully connected GAN on digits; every frame shows the same noise."""
    return Film(answer=DigitGAN(images).answer, state={"do": "look", "steps": 4})


class DigitGAN:
    """Both networks, their training, and the noise that all frames share."""

    def __init__(self, images: Images) -> None:
        self.images = images.train_images[:12_000]
        self._reset()

    def _reset(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            config = gan.GANConfig(latent_dim=32, fully_connected=True)
            self.g, self.d = gan.make_generator(config), gan.make_discriminator(config)
        rates = {"lr": 5e-4, "betas": (0.5, 0.99)}
        self.g_optimizer = torch.optim.Adam(self.g.parameters(), **rates)  # type: ignore[arg-type]
        self.d_optimizer = torch.optim.Adam(self.d.parameters(), **rates)  # type: ignore[arg-type]
        self.generator = torch.Generator().manual_seed(0)
        self.z = torch.randn(NUM_FRAMED, 32, generator=self.generator)
        self.num_steps = 0

    def answer(self, state: State) -> Answer:
        """Train some steps, and return a frame."""
        if state["do"] == "reset":
            self._reset()
        losses = []
        if state["do"] == "steps":
            for _ in range(min(int(state["steps"]), MAX_STEPS)):
                batch = torch.randint(len(self.images), (FILM_BATCH,), generator=self.generator)
                metrics = gan.train_step(
                    self.g, self.d, self.g_optimizer, self.d_optimizer,
                    self.images[batch].float() / 255,
                )  # fmt: skip
                losses.append([metrics["d_loss"].item(), metrics["g_loss"].item()])
                self.num_steps += 1
        with torch.no_grad():
            pictures = self.g(self.z)
        reply = {"numSteps": self.num_steps, "losses": losses, "fresh": state["do"] == "reset"}
        return plain(reply), [to_bytes(pictures)]


def draw_classes(network: nn.Module, images: Images, *, conditional: bool = False) -> DrawClasses:
    """A generator's pictures, with or without classes, and the reference classifier's predictions.

    Args:
        network: a generator of digits.
        images: supplies the class names.
        conditional: whether `network` takes class labels.
    """
    g: Any = network
    classifier = reference_classifier()
    names = list(images.class_names)

    @torch.no_grad()
    def answer(state: State) -> Answer:
        columns = int(state["columns"])
        z = walk(int(state["seed"]), columns, float(state["walk"]), g.config.latent_dim)
        if conditional:
            rows = len(names)
            labels = torch.arange(rows).repeat_interleave(columns)
            asked = [int(c) for c in str(state["asked"]) if c.isdigit() and int(c) < rows][:12]
            both = torch.cat([labels, torch.tensor(asked, dtype=torch.int64)])
            # The same noise for every requested digit, as if one person had written them.
            hand = walk(int(state["seed"]), 1, float(state["walk"]), g.config.latent_dim)
            noise = torch.cat([z.repeat(rows, 1), hand.expand(len(asked), -1)])
            pictures = g(noise, both)
        else:
            labels, asked = None, []
            z = walk(int(state["seed"]), NUM_DRAWS, float(state["walk"]), g.config.latent_dim)
            pictures = g(z)
        probs = classifier(pictures).softmax(dim=1)
        predictions = probs.argmax(dim=1)
        grid = pictures[: len(labels)] if labels is not None else pictures
        reply = {
            "columns": columns,
            "asked": asked,
            "found": predictions.tolist(),
            "sure": probs.amax(dim=1).tolist(),
            "agreement": (
                (predictions[: len(labels)] == labels).float().mean().item()
                if labels is not None
                else None
            ),
            "counts": torch.bincount(predictions[: len(grid)], minlength=len(names)).tolist(),
        }
        return plain(reply), [to_bytes(grid), to_bytes(pictures[len(grid) :])]

    state = {"seed": 0, "walk": 0.0, "columns": 8, "asked": "2026"}
    setup = {"names": names, "conditional": conditional}
    return DrawClasses(answer=answer, state=state, setup=setup)


def walk(seed: int, number: int, share: float, latent_dim: int) -> Tensor:
    """Noise (number, latent_dim) between one draw (share 0) and the next (1); always N(0, I)."""
    first, second = (
        torch.randn(number, latent_dim, generator=torch.Generator().manual_seed(seed + n))
        for n in range(2)
    )
    angle = share * math.pi / 2
    return math.cos(angle) * first + math.sin(angle) * second
