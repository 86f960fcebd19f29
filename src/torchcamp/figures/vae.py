"""Lesson 10: the codes of the learner's VAE, and a small VAE with an adjustable KL weight."""

from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, State
from torchcamp.data.images import Images
from torchcamp.figures.arrays import to_bytes
from torchcamp.models import vae
from torchcamp.widgets.latent import Latent
from torchcamp.widgets.two_terms import TwoTerms

NUM_POINTS = 1000  # test pictures on the map
NUM_SLIDERS = 8
NUM_BETWEEN = 9
MAX_STEPS = 20  # the most for one message
BATCH_SIZE = 100
GRID = 9  # decoded codes per side


def latent(network: nn.Module, images: Images) -> Latent:
    """The test pictures' codes along their two principal directions, and what codes decode to."""
    codes = Codes(network, images)
    return Latent(
        answer=codes.answer,
        state={
            "at": [0.0, 0.0],
            "values": None,
            "first": None,
            "second": None,
            "firstExample": 0,
            "secondExample": 1,
        },
        setup={
            "points": [[round(x, 3) for x in point] for point in codes.points.tolist()],
            "labels": images.test_labels[:NUM_POINTS].tolist(),
            "names": list(images.class_names),
            "latents": codes.latents,
            "extent": codes.extent,
            "share": codes.share,
        },
    )


class Codes:
    """The VAE, its test codes and their principal directions."""

    @torch.no_grad()
    def __init__(self, network: nn.Module, images: Images) -> None:
        self.vae: Any = network
        self.pictures = images.test_images[:NUM_POINTS].float() / 255
        mu, logvar = self.vae.encode(self.pictures)
        self.latents = costs_of_latents(mu, logvar).argsort(descending=True)[:NUM_SLIDERS].tolist()
        self.centre = mu.mean(dim=0)
        _, sizes, directions = torch.linalg.svd(mu - self.centre, full_matrices=False)
        self.directions = directions[:2]
        self.share = float(sizes[:2].square().sum() / sizes.square().sum())
        self.points = (mu - self.centre) @ self.directions.T
        self.extent = float(self.points.abs().quantile(0.995)) * 1.05

    @torch.no_grad()
    def answer(self, state: State) -> Answer:
        """Decode a point of the map, a picture's code moved by sliders, and the codes between two."""
        pictures = torch.stack([self._picture(state, each) for each in ("first", "second")])
        mu, logvar = self.vae.encode(pictures)
        at = torch.tensor(state["at"], dtype=torch.float32)
        on_map = self.centre + at @ self.directions
        moved = mu[0].clone()
        values = state["values"]
        if values is not None:
            moved[self.latents] = torch.tensor(values, dtype=torch.float32)
        share = torch.linspace(0, 1, NUM_BETWEEN)[:, None]
        between = (1 - share) * mu[0] + share * mu[1]
        decoded = torch.sigmoid(self.vae.decode(torch.cat([on_map[None], moved[None], between])))
        kl = vae.kl_divergence(mu, logvar)
        positions = (mu - self.centre) @ self.directions.T
        reply = {
            "places": positions.tolist(),
            "values": [float(mu[0, j]) for j in self.latents] if values is None else values,
            "stds": [float((0.5 * logvar[0, j]).exp()) for j in self.latents],
            "kl": kl.tolist(),
            "numLatents": mu.shape[1],
        }
        return plain(reply), [
            to_bytes(pictures),
            to_bytes(decoded[0]),
            to_bytes(decoded[1]),
            to_bytes(decoded[2:]),
        ]

    def _picture(self, state: State, which: str) -> Tensor:
        if state[which] is not None:
            return torch.tensor(state[which], dtype=torch.float32).view(1, 28, 28) / 255
        return self.pictures[int(state[f"{which}Example"]) % len(self.pictures)]


def two_terms(images: Images) -> TwoTerms:
    """A VAE with two latents that trains while the learner changes the weight of its KL."""
    return TwoTerms(
        answer=SmallVAE(images).answer,
        state={"do": "look", "steps": 5, "weight": 1.0},
        setup={"names": list(images.class_names)},
    )


class SmallVAE:
    """The VAE, its training, and the history of its two loss terms."""

    def __init__(self, images: Images) -> None:
        self.train = images.train_images[:10_000].float() / 255
        self.test = images.test_images[:300].float() / 255
        self.labels = images.test_labels[:300].tolist()
        self._reset()

    def _reset(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.vae = vae.VAE(
                vae.VAEConfig(hidden_dim=128, num_hidden_layers=1, latent_dim=2, gated=False)
            )
            with torch.no_grad():
                mean = self.train.mean(dim=0).flatten().clamp(0.001, 0.999)
                self.vae.to_logits.bias.copy_(mean.logit())
        self.optimizer = torch.optim.Adam(self.vae.parameters(), lr=2e-3)
        self.generator = torch.Generator().manual_seed(0)
        self.num_steps = 0
        self.curve: list[list[float]] = []
        self._measure()

    @torch.no_grad()
    def _measure(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            losses = vae.vae_loss(self.vae, self.test)
        self.curve.append([self.num_steps, losses["reconstruction"].item(), losses["kl"].item()])

    def answer(self, state: State) -> Answer:
        """Train some steps with the requested KL weight."""
        if state["do"] == "reset":
            self._reset()
        elif state["do"] == "steps":
            for _ in range(min(int(state["steps"]), MAX_STEPS)):
                batch = torch.randint(len(self.train), (BATCH_SIZE,), generator=self.generator)
                vae.train_step(
                    self.vae, self.optimizer, self.train[batch], kl_weight=float(state["weight"])
                )
                self.num_steps += 1
            self._measure()
        with torch.no_grad():
            mu, logvar = self.vae.encode(self.test)
            axis = torch.linspace(-2, 2, GRID)
            grid = torch.stack([axis.repeat(GRID), axis.flip(0).repeat_interleave(GRID)], dim=1)
            decoded = torch.sigmoid(self.vae.decode(grid))
        reply = {
            "numSteps": self.num_steps,
            "curve": self.curve[-300:],
            "points": mu.tolist(),
            "stds": (0.5 * logvar).exp().tolist(),
            "labels": self.labels,
            "grid": GRID,
        }
        return plain(reply), [to_bytes(decoded)]


def costs_of_latents(mu: Tensor, logvar: Tensor) -> Tensor:
    """The KL of each latent alone, averaged over pictures: mu, logvar (B, Z) to (Z,)."""
    return vae.kl_divergence(mu[..., None], logvar[..., None]).mean(dim=0)


@torch.no_grad()
def used_latents(network: Any, images: Images) -> tuple[int, int]:
    """How many latents cost more than 0.01 nats on average over test pictures, and how many there are."""
    mu, logvar = network.encode(images.test_images[:NUM_POINTS].float() / 255)
    costs = costs_of_latents(mu, logvar)
    return int((costs > 0.01).sum()), len(costs)


def loss(network: Any, pictures: Tensor) -> Tensor:
    """The loss of pictures (N, 1, 28, 28), for the lesson to quote."""
    return vae.vae_loss(network, pictures)["loss"]
