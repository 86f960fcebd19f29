"""The VAE on MNIST: `default`, `best`, and `examples`, the network of pytorch/examples."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

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
from torchcamp.recipes.images import (
    FILM_SEED,
    ImageRecipe,
    as_bits,
    random_bits,
    require_same_shape,
    shape_of,
)
from torchcamp.training.averaging import with_average
from torchcamp.training.loop import Training
from torchcamp.training.schedules import ScheduledValue, hold_then_linear, ramp

NUM_DRAWS = 500  # codes per image, for the importance-weighted bound
BITS_SEED = 1  # of the noise in the measures
BOUND_VALUES = (
    20 * 784
)  # pixels at a time for the bound, which decodes each of them NUM_DRAWS times
MEAN_VALUES = 100_000_000  # the most pixels that the mean picture is taken of: twice MNIST's
COLOUR_NOTE = "a value of a colour counts as a probability, because colours are seldom 0 or 1"
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
    pixels: str = "auto"  # dynamic or static bits, or grey; auto: dynamic, in colour grey

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pixels not in ("auto", *PIXELS):
            raise ValueError(f"pixels must be one of auto, {', '.join(PIXELS)}")
        if self.lr <= 0 or self.weight_decay < 0 or not 0 <= self.average_decay < 1:
            raise ValueError(
                "lr must be positive, weight_decay not negative, average_decay in [0, 1)"
            )
        if not 0 <= self.warmup <= self.hold < 1 or not 0 <= self.kl_warmup < 1:
            raise ValueError("warmup, hold and kl_warmup must lie in [0, 1), warmup not above hold")

    @property
    def kind(self) -> str:
        """What a pixel is: `pixels`, or what `auto` is for pictures of this shape."""
        if self.pixels != "auto":
            return self.pixels
        return "grey" if self.model.image_shape[0] > 1 else "dynamic"

    def load_all(self, report: Callable[[str], None]) -> Images:
        images = super().load_all(report)
        if self.pixels == "auto" and images.image_shape[0] > 1:
            report(f"pixels=grey: {COLOUR_NOTE}; for bits: --set pixels=dynamic")
        return images

    def for_data(self, data: Images) -> Self:
        model = replace(self.model, **shape_of(data, self.model))
        recipe = replace(super().for_data(data), model=model)
        return replace(recipe, pixels=recipe.kind)

    def network(self) -> nn.Module:
        return vae.VAE(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        grey = (data or self.load()).to(device)
        bits = grey if self.kind == "grey" else grey.binarised()
        seed_everything(self.seed)
        network = vae.VAE(self.model).to(device)
        start_at_the_mean(network, grey)
        batches = Batches(
            bits.train_images if self.kind == "static" else grey.train_images,
            batch_size=self.batch_size_for(grey),
            seed=self.seed,
            prepare=PIXELS[self.kind],
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
        return Training(
            step=step,
            batches=batches,
            state=state,
            network=evaluated,
            evaluate=functools.partial(self._score, evaluated, bits),
            sample=functools.partial(_film, evaluated),
        )

    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, None]:
        """Bits (N, C, H, W), or their probabilities where it was trained on grey pixels."""
        probs = vae.sample(network, num_samples, generator=rng).cpu()
        if self.kind == "grey":
            return probs, None
        return (torch.rand(probs.shape, generator=rng) < probs).float(), None

    def evaluate(self, network: Any, data: Images) -> Evaluation:
        require_same_shape(self.model.image_shape, data)
        images = data.to(next(network.parameters()).device)
        draw = functools.partial(self.draw, network)
        pictures = vae_pictures(network, images)
        if self.kind == "grey":
            notes = [f"no likelihood: {COLOUR_NOTE}"] if data.image_shape[0] > 1 else []
            return evaluate_generator(
                images, draw, split=self.split, pictures=pictures, notes=notes
            )
        test = images.binarised().test_images
        seed_everything(BITS_SEED)
        at_once = max(1, BOUND_VALUES // math.prod(data.image_shape))
        bounds = [
            vae.importance_weighted_bound(network, as_bits(chunk), NUM_DRAWS)
            for chunk in test.split(at_once)
        ]
        elbos = torch.cat([elbo(network, as_bits(chunk)) for chunk in test.split(1000)])
        likelihood = Likelihood(
            nats=-torch.cat(bounds).cpu(),
            kind=f"IS-{NUM_DRAWS}",
            binarisation=self.kind,
            more={"negative_elbo": mean(-elbos.cpu(), "nats per image")},
        )
        return evaluate_generator(
            images,
            draw,
            split=self.split,
            likelihood=likelihood,
            binarisation=self.kind,
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
    stride = math.ceil(images.train_images.numel() / MEAN_VALUES)
    some = images.train_images[::stride]  # all of them, unless they would fill the memory
    probs = to_float(some).mean(dim=0).flatten().clamp(1e-3, 1 - 1e-3)
    with torch.no_grad():
        network.to_logits.bias.copy_(probs.logit())


@torch.no_grad()
def elbo(network: vae.VAE, images: Tensor) -> Tensor:
    """The ELBO of each image with one code, in nats: (B,)"""
    return vae.importance_weighted_bound(network, images, 1)


def _film(network: vae.VAE) -> Tensor:
    return vae.sample(network, 64, generator=torch.Generator().manual_seed(FILM_SEED))


def vae_pictures(network: vae.VAE, images: Images, columns: int = 10) -> list[Picture]:
    """Reconstructions, a walk between pairs of images, and the most used latents one by one."""
    test = to_float(images.test_images[: max(2 * columns, 200)])
    first = test[:columns]
    pairs = [(i, i + 1 if i + 1 < len(test) else 0) for i in range(0, min(10, len(test)), 2)]
    walks = [vae.interpolate(network, test[i], test[j], columns) for i, j in pairs]
    mu, logvar = network.encode(test)
    kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).mean(dim=0)
    used = kl.argsort(descending=True)[:6].tolist()
    values = torch.linspace(-2.5, 2.5, columns).tolist()
    traversals = [vae.traverse(network, test[0], latent, values) for latent in used]
    return [
        Picture(
            title="Reconstructions",
            caption="Test images in the upper row; below each, the same one encoded and decoded.",
            images=torch.cat([first, vae.reconstruct(network, first)]).cpu(),
            columns=len(first),
        ),
        Picture(
            title="Between two images",
            caption="Each row walks in a straight line from the code of one test image to another's.",
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


def best() -> VAERecipe:
    """Nearly twice as long: a third of a nat better."""
    return replace(default(), epochs=400)


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
