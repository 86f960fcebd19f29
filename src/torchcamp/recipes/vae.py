"""The VAE on MNIST: `default`, and `examples`, the network of pytorch/examples."""

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from torchcamp.base.seeding import seed_everything
from torchcamp.data.augment import to_float
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images
from torchcamp.evaluation.evaluation import Evaluation, mean
from torchcamp.evaluation.generator_report import Likelihood, Picture, evaluate_generator
from torchcamp.models import vae
from torchcamp.recipes.images import FILM_SEED, ImageRecipe, as_bits, random_bits
from torchcamp.training.averaging import with_average
from torchcamp.training.loop import Training
from torchcamp.training.schedules import ScheduledValue, hold_then_linear, ramp

NUM_DRAWS = 500  # codes per image, for the importance-weighted bound
BITS_SEED = 1  # of the noise in the measures
PIXELS = {
    "dynamic": random_bits,  # drawn anew at each use
    "static": as_bits,  # drawn once
    "grey": to_float,  # no draw: the grey value as if it were a probability; no likelihood
}


@dataclass(frozen=True, kw_only=True)
class VAERecipe(ImageRecipe):
    """Hyperparameters for training the VAE; see `Recipe` for the methods."""

    model: vae.VAEConfig
    batch_size: int = 256
    lr: float = 2e-3
    warmup: float = 0.01  # share of the steps until the full rate
    hold: float = 0.4  # share of the steps before the rate falls
    kl_warmup: float = 0.1  # share of the steps until the kl counts in full
    weight_decay: float = 0.0
    average_decay: float = 0.999  # 0: no average, the weights of the last step
    pixels: str = "dynamic"  # dynamic or static bits, or grey

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pixels not in PIXELS:
            raise ValueError(f"pixels must be one of {', '.join(PIXELS)}")
        if self.lr <= 0 or self.weight_decay < 0 or not 0 <= self.average_decay < 1:
            raise ValueError(
                "lr must be positive, weight_decay not negative, average_decay in [0, 1)"
            )
        if not 0 <= self.warmup <= self.hold < 1 or not 0 <= self.kl_warmup < 1:
            raise ValueError("warmup, hold and kl_warmup must lie in [0, 1), warmup not above hold")

    def network(self) -> nn.Module:
        return vae.VAE(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        grey = (data or self.load()).to(device)
        bits = grey.binarised()
        seed_everything(self.seed)
        network = vae.VAE(self.model).to(device)
        start_at_the_mean(network, grey)
        batches = Batches(
            bits.train_images if self.pixels == "static" else grey.train_images,
            batch_size=self.batch_size_for(grey),
            seed=self.seed,
            prepare=PIXELS[self.pixels],
        )
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=self.lr, weight_decay=self.weight_decay, fused=True
        )
        num_steps = self.epochs * batches.steps_per_epoch
        kl_weight = ScheduledValue(ramp(self.kl_warmup * num_steps), device)
        state: dict[str, Any] = {
            "network": network,
            "optimizer": optimizer,
            "schedule": LambdaLR(optimizer, hold_then_linear(num_steps, self.warmup, self.hold)),
            "kl_weight": kl_weight,
        }
        step, evaluated = with_average(
            functools.partial(vae.train_step, network, optimizer, kl_weight=kl_weight.value),
            network,
            self.average_decay,
            state,
        )
        test_on = grey if self.pixels == "grey" else bits
        return Training(
            step=step,
            batches=batches,
            state=state,
            network=evaluated,
            evaluate=functools.partial(self._score, evaluated, test_on),
            sample=functools.partial(_film, evaluated),
        )

    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, None]:
        """Bits (N, 1, 28, 28), or their probabilities where it was trained on grey pixels."""
        probs = vae.sample(network, num_samples, generator=rng).cpu()
        if self.pixels == "grey":
            return probs, None
        return (torch.rand(probs.shape, generator=rng) < probs).float(), None

    def evaluate(self, network: Any, data: Images) -> Evaluation:
        images = data.to(next(network.parameters()).device)
        draw = functools.partial(self.draw, network)
        pictures = vae_pictures(network, images)
        if self.pixels == "grey":
            return evaluate_generator(images, draw, split=self.split, pictures=pictures)
        test = as_bits(images.binarised().test_images)
        seed_everything(BITS_SEED)
        bounds = [
            vae.importance_weighted_bound(network, chunk, NUM_DRAWS) for chunk in test.split(20)
        ]
        elbos = torch.cat([elbo(network, chunk) for chunk in test.split(1000)])
        likelihood = Likelihood(
            nats=-torch.cat(bounds).cpu(),
            kind=f"IS-{NUM_DRAWS}",
            binarisation=self.pixels,
            more={"negative_elbo": mean(-elbos.cpu(), "nats per image")},
        )
        return evaluate_generator(
            images,
            draw,
            split=self.split,
            likelihood=likelihood,
            binarisation=self.pixels,
            pictures=pictures,
        )

    def _score(self, network: Any, images: Images) -> dict[str, float]:
        """The terms of the ELBO on all test images, each with one code."""
        chunks = images.test_images.split(1000)
        sums: dict[str, float] = {}
        for chunk in chunks:
            for name, value in vae.vae_loss(network, to_float(chunk)).items():
                sums[name] = sums.get(name, 0.0) + value.item() * len(chunk)
        means = {name: value / len(images.test_images) for name, value in sums.items()}
        return {f"{self.split}_{name}": means[name] for name in ("loss", "reconstruction", "kl")}


def start_at_the_mean(network: vae.VAE, images: Images) -> None:
    """Set the decoder's last bias so that every picture begins as the mean of the training images."""
    probs = to_float(images.train_images).mean(dim=0).flatten().clamp(1e-3, 1 - 1e-3)
    with torch.no_grad():
        network.to_logits.bias.copy_(probs.logit())


@torch.no_grad()
def elbo(network: vae.VAE, images: Tensor) -> Tensor:
    """The ELBO of each image with one code, in nats: (B,)"""
    return vae.importance_weighted_bound(network, images, 1)


def _film(network: vae.VAE) -> Tensor:
    return vae.sample(network, 64, generator=torch.Generator().manual_seed(FILM_SEED))


def vae_pictures(network: vae.VAE, images: Images, columns: int = 10) -> list[Picture]:
    """Reconstructions, a walk between pairs of digits, and the most used latents one by one."""
    test = to_float(images.test_images[: max(2 * columns, 200)])
    first = test[:columns]
    walks = [
        vae.interpolate(network, test[i], test[i + 1], columns) for i in range(0, 10, 2)
        if i + 1 < len(test)
    ]  # fmt: skip
    mu, logvar = network.encode(test)
    kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).mean(dim=0)
    used = kl.argsort(descending=True)[:6].tolist()
    values = torch.linspace(-2.5, 2.5, columns).tolist()
    traversals = [vae.traverse(network, test[0], latent, values) for latent in used]
    return [
        Picture(
            title="Reconstructions",
            caption="Above test images, below each one encoded and decoded.",
            images=torch.cat([first, vae.reconstruct(network, first)]).cpu(),
            columns=columns,
        ),
        Picture(
            title="Between two digits",
            caption="Each row the straight line between the codes of two test images.",
            images=torch.cat(walks).cpu(),
            columns=columns,
        ),
        Picture(
            title="One latent at a time",
            caption="Each row moves one latent of a test image from -2.5 to 2.5, "
            "the latents that carry the most nats first.",
            images=torch.cat(traversals).cpu(),
            columns=columns,
        ),
    ]


def default() -> VAERecipe:
    return VAERecipe(model=vae.VAEConfig(), epochs=220)


def examples() -> VAERecipe:
    """The network and the loss of pytorch/examples' `vae`: 784-400-20, grey pixels, ten epochs."""
    return VAERecipe(
        model=vae.VAEConfig(hidden_dim=400, num_hidden_layers=1, latent_dim=20, gated=False),
        epochs=10,
        batch_size=512,
        lr=7e-3,
        hold=0.2,
        kl_warmup=0.0,
        average_decay=0.0,
        pixels="grey",
    )
