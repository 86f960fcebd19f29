"""The loop that a practitioner writes by hand, once for each family: what a recipe is held against.

A `DataLoader` without workers reads single pictures through a transform, as in tutorials: each
becomes a PIL picture, then a float tensor, and the batch is stacked. What torchvision's ToTensor and
Normalize do is written out below, because nothing else needs torchvision. The network is a copy of
the recipe's at its beginning, contiguous and in fp32; the step is autograd and an optimizer as torch
makes it without further arguments, and it reads the loss after every step. No average of the weights
is kept, and no rate is scheduled.

The pictures come in the recipe's order, so both sides of a pair see the same batches.
"""

import copy
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset, Sampler

from torchcamp.base.seeding import seed_everything
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images
from torchcamp.models import cgan, gan, hmm, rbm
from torchcamp.training.loop import Training

MNIST_MEAN, MNIST_STD = 0.1307, 0.3081
# Of the ResNet, whose recipe has Muon: the usual script for CIFAR-10.
RESNET_SGD = {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}


class PlainDataset(Dataset[tuple[Tensor, int]]):
    """One picture at a time, through a transform: pixels (C, H, W) in [0, 1], and the label.

    Args:
        images: whose training pictures are read.
        normalise: also subtract MNIST's mean and divide by its standard deviation; grey pictures.
    """

    def __init__(self, images: Images, normalise: bool = False) -> None:
        self.normalise = normalise
        self.pictures = images.train_images.cpu().movedim(1, -1).contiguous().numpy()
        self.labels = images.train_labels.cpu()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        pixels = self.pictures[index]
        picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        tensor = to_tensor(picture)
        if self.normalise:
            tensor = normalised(tensor, MNIST_MEAN, MNIST_STD)
        return tensor, int(self.labels[index])


def to_tensor(picture: Image.Image) -> Tensor:
    """As torchvision's ToTensor: copy the picture, permute its axes, divide by 255."""
    pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    pixels = pixels.view(picture.size[1], picture.size[0], len(picture.getbands()))
    return pixels.permute(2, 0, 1).contiguous().to(dtype=torch.get_default_dtype()).div(255)


def normalised(tensor: Tensor, mean: float, std: float) -> Tensor:
    """As torchvision's Normalize: copy, make mean and std tensors, check them, apply them."""
    tensor = tensor.clone()
    means = torch.as_tensor([mean], dtype=tensor.dtype)
    stds = torch.as_tensor([std], dtype=tensor.dtype)
    if (stds == 0).any():
        raise ValueError("std is zero; expected a positive number")
    return tensor.sub_(means.view(-1, 1, 1)).div_(stds.view(-1, 1, 1))


class SameOrder(Sampler[int]):
    """The indices of a recipe's batches, in their order, one epoch after the other."""

    def __init__(self, batches: Batches) -> None:
        self.batches = batches
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        order = self.batches.order(self.epoch).tolist()
        self.epoch += 1
        return iter(order)

    def __len__(self) -> int:
        return len(self.batches.tensors[0])


@dataclass(frozen=True, kw_only=True)
class PlainLoop:
    """A loader and a step.

    make_step: copies the networks as they are now, and returns the step that trains the copy: pixels
        (B, C, H, W) and labels (B,) to the loss, a number.
    """

    dataset: PlainDataset
    batches: Batches
    make_step: Callable[[], Callable[[Tensor, Tensor], float]]
    device: torch.device
    seed: int

    def loader(self) -> DataLoader[Any]:
        return DataLoader(
            self.dataset,
            batch_size=self.batches.batch_size,
            sampler=SameOrder(self.batches),
            drop_last=True,
        )

    def seconds(self, num_steps: int) -> float:
        """Train from the beginning for so many steps; the copy of the networks is not timed."""
        step, loader = self.make_step(), self.loader()
        seed_everything(self.seed)
        started = time.perf_counter()
        epochs = itertools.chain.from_iterable(itertools.repeat(loader))
        for images, labels in itertools.islice(epochs, num_steps):
            step(images.to(self.device), labels.to(self.device))
        return time.perf_counter() - started


def plain_loop(
    name: str, recipe: Any, training: Training, images: Images, device: torch.device
) -> PlainLoop:
    """The plain loop of one of our recipes.

    Args:
        name: one of `registry.NAMES`.
        recipe: its settings.
        training: as the recipe built it; its networks must be at their beginning whenever
            `make_step` is called.
        images: what `training` was built on.
    """
    bits = name in ("hmm", "rbm", "rnn") or getattr(recipe, "pixels", "") == "static"
    assert isinstance(training.batches, Batches)
    return PlainLoop(
        dataset=PlainDataset(images.binarised() if bits else images),
        batches=training.batches,
        make_step=lambda: STEPS[name](recipe, training.state),
        device=device,
        seed=recipe.seed,
    )


def copied(network: Any) -> Any:
    """A copy in torch's ordinary memory layout, ready to train."""
    copy_of = copy.deepcopy(network).to(memory_format=torch.contiguous_format)
    return copy_of.train()


def learned(network: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


# --- The steps -----------------------------------------------------------------------------


def classifier(recipe: Any, state: dict[str, Any]) -> Callable[[Tensor, Tensor], float]:
    """Cross-entropy and AdamW."""
    network = copied(state["network"])
    optimizer = torch.optim.AdamW(learned(network), lr=recipe.lr, weight_decay=recipe.weight_decay)
    return classifier_step(network, optimizer, recipe.label_smoothing)


def resnet(recipe: Any, state: dict[str, Any]) -> Callable[[Tensor, Tensor], float]:
    """Cross-entropy and SGD with Nesterov's momentum."""
    network = copied(state["network"])
    optimizer = torch.optim.SGD(learned(network), **RESNET_SGD)
    return classifier_step(network, optimizer, recipe.label_smoothing)


def classifier_step(
    network: nn.Module, optimizer: Optimizer, label_smoothing: float
) -> Callable[[Tensor, Tensor], float]:
    criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)

    def step(images: Tensor, labels: Tensor) -> float:
        optimizer.zero_grad()
        loss = criterion(network(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def vae(recipe: Any, state: dict[str, Any]) -> Callable[[Tensor, Tensor], float]:
    network = copied(state["network"])
    return vae_step(network, torch.optim.Adam(network.parameters(), lr=recipe.lr))


def vae_step(network: nn.Module, optimizer: Optimizer) -> Callable[[Tensor, Tensor], float]:
    """The loss of pytorch/examples' `vae`, divided by the batch: nats per image."""

    def step(images: Tensor, labels: Tensor) -> float:
        x = images.flatten(start_dim=1)
        optimizer.zero_grad()
        logits, mu, logvar = network(images)
        reconstruction = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
        kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
        loss = (reconstruction + kl) / len(x)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def rnn(recipe: Any, state: dict[str, Any]) -> Callable[[Tensor, Tensor], float]:
    network = copied(state["network"])
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay
    )

    def step(images: Tensor, labels: Tensor) -> float:
        optimizer.zero_grad()
        logits, rows = network(images), images.squeeze(dim=1)
        loss = F.binary_cross_entropy_with_logits(logits, rows, reduction="sum") / len(images)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), recipe.max_norm)
        optimizer.step()
        return loss.item()

    return step


def adversarial(recipe: Any, state: dict[str, Any]) -> Callable[[Tensor, Tensor], float]:
    """Binary cross-entropy against ones and zeros, as PyTorch's tutorial on DCGAN has it, and R1.

    Returns the discriminator's loss without the penalty.
    """
    generator, discriminator = copied(state["generator"]), copied(state["discriminator"])
    conditional = isinstance(generator, cgan.Generator | cgan.PlainGenerator)
    penalty_of = cgan.gradient_penalty if conditional else gan.gradient_penalty
    betas = (recipe.beta1, 0.99)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=recipe.g_lr, betas=betas)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=recipe.d_lr, betas=betas)
    criterion = nn.BCEWithLogitsLoss()

    def step(images: Tensor, labels: Tensor) -> float:
        asked = (labels,) if conditional else ()
        looked_at = slice(recipe.num_penalty_images)
        ones, zeros = torch.ones(len(images)).to(images), torch.zeros(len(images)).to(images)
        z = torch.randn(len(images), recipe.model.latent_dim, device=images.device)
        fake_images = generator(z, *asked)
        d_optimizer.zero_grad()
        real_loss = criterion(discriminator(images, *asked), ones)
        fake_loss = criterion(discriminator(fake_images.detach(), *asked), zeros)
        penalty = penalty_of(discriminator, images[looked_at], *(x[looked_at] for x in asked))
        d_loss = real_loss + fake_loss
        (d_loss + recipe.penalty_weight / 2 * penalty).backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        g_loss = criterion(discriminator(fake_images, *asked), ones)
        g_loss.backward()
        g_optimizer.step()
        g_loss.item()
        return d_loss.item()

    return step


def boltzmann(recipe: Any, state: dict[str, Any]) -> Callable[[Tensor, Tensor], float]:
    """Persistent contrastive divergence by autograd: the free energy of data minus that of chains.

    Returns the mean size of the gradient of a visible bias, the only number that both sides have.
    """
    network: rbm.RBM = copied(state["network"])
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
    )
    weight, chains = network.weight, network.chains
    visible_bias, hidden_bias = network.visible_bias, network.hidden_bias

    def drawn(logits: Tensor) -> Tensor:
        probs = torch.sigmoid(logits)
        return (torch.rand_like(probs) < probs).float()

    def free_energy(visible: Tensor) -> Tensor:
        return -(visible @ visible_bias) - F.softplus(visible @ weight + hidden_bias).sum(dim=1)

    def step(images: Tensor, labels: Tensor) -> float:
        visible = images.flatten(start_dim=1)
        with torch.no_grad():  # one Gibbs step of the chains, as the recipe's default has it
            model = drawn(chains @ weight.T + visible_bias)
            chains.copy_(drawn(model @ weight + hidden_bias))
        optimizer.zero_grad()
        loss = free_energy(visible).mean() - free_energy(model).mean()
        loss.backward()
        optimizer.step()
        assert visible_bias.grad is not None
        return visible_bias.grad.abs().mean().item()

    return step


class PlainHMM(nn.Module):
    """The forward pass in logarithms, its tables as softmaxes: what one writes to train by autograd."""

    def __init__(self, network: hmm.HMM) -> None:
        super().__init__()
        self.initial = nn.Parameter(network.initial.log())
        self.transition = nn.Parameter(network.transition.log())
        self.emission = nn.Parameter(network.emission.logit())

    def forward(self, rows: Tensor) -> Tensor:
        """log p of each sequence of bits (B, T, V): (B,)"""
        transition = F.softmax(self.transition, dim=1)
        log_on, log_off = F.logsigmoid(self.emission), F.logsigmoid(-self.emission)
        emitted = rows @ log_on.T + (1 - rows) @ log_off.T  # (B, T, S)
        log_alpha = F.log_softmax(self.initial, dim=0) + emitted[:, 0]
        for t in range(1, rows.shape[1]):
            # log(exp(log_alpha) @ transition) without underflow
            largest = log_alpha.max(dim=1, keepdim=True).values
            arrived = (log_alpha - largest).exp() @ transition
            log_alpha = largest + arrived.log() + emitted[:, t]
        return log_alpha.logsumexp(dim=1)


def markov(recipe: Any, state: dict[str, Any]) -> Callable[[Tensor, Tensor], float]:
    """Gradients of the likelihood, and Adam, in place of counts."""
    network = PlainHMM(state["network"])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)

    def step(images: Tensor, labels: Tensor) -> float:
        optimizer.zero_grad()
        loss = -network(images.squeeze(dim=1)).mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


STEPS: dict[str, Callable[[Any, dict[str, Any]], Callable[[Tensor, Tensor], float]]] = {
    "mlp": classifier, "cnn": classifier, "resnet": resnet, "hmm": markov, "rbm": boltzmann,
    "vae": vae, "rnn": rnn, "gan": adversarial, "cgan": adversarial,
}  # fmt: skip
