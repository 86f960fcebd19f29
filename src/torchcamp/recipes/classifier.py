"""What the classifiers' recipes share: AdamW with a one-cycle learning rate on augmented images."""

import functools
from abc import abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from torchcamp.base.errors import RecipeError
from torchcamp.base.seeding import seed_everything
from torchcamp.data.augment import distort, shift, to_float
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images, require_classes
from torchcamp.evaluation.classifier_report import evaluate_classifier, score_classifier
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.recipes.images import ImageRecipe, require_same_classes, shape_of
from torchcamp.training.averaging import with_average
from torchcamp.training.early_stopping import EarlyStopping
from torchcamp.training.loop import Training
from torchcamp.training.schedules import warmup_then_linear


@dataclass(frozen=True, kw_only=True)
class ClassifierRecipe(ImageRecipe):
    """Hyperparameters for training a classifier; see `Recipe` for the methods.

    A subclass has a `network`, the `train_step` of its model, and the model's config as `model`,
    which has `num_classes`.
    """

    model: Any
    lr: float = 1e-2  # the peak of the cycle
    warmup: float = 0.25  # share of the steps until the peak
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    max_shift: int = 0  # pixels
    distort: bool = False  # also rotate, scale and shear
    flip: bool = False  # mirror half of the pictures; for photographs, not for digits
    average_decay: float = 0.0  # of the averaged weights; 0 = the weights themselves
    balance: bool = False  # draw every class equally often
    patience: int = 0  # epochs without a lower held-out loss before the training ends; 0 = never
    freeze: str = "none"  # features: train the last layer alone, as fine-tuning with --from may

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")
    train_step: ClassVar[Callable[..., dict[str, Tensor]]]
    mirror_border: ClassVar[bool] = False  # of shifted pictures
    min_steps: ClassVar[int] = 400

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lr <= 0 or self.weight_decay < 0:
            raise ValueError("lr must be positive and weight_decay not negative")
        if not 0 <= self.average_decay < 1 or not 0 <= self.label_smoothing < 1:
            raise ValueError("average_decay and label_smoothing must lie in [0, 1)")
        if not 0 <= self.warmup < 1 or self.max_shift < 0 or self.patience < 0:
            raise ValueError(
                "warmup must lie in [0, 1), max_shift and patience must not be negative"
            )
        if self.freeze not in ("none", "features"):
            raise ValueError(f"freeze must be none or features, not {self.freeze!r}")

    @abstractmethod
    def network(self) -> nn.Module: ...

    def initialise(self, network: nn.Module, images: Tensor) -> None:
        """Choose first weights by the training pictures (N, C, H, W), uint8; by default none."""

    def load_all(self, report: Callable[[str], None]) -> Images:
        images = super().load_all(report)
        require_classes(images)
        return images

    def for_data(self, data: Images) -> Self:
        side = min(data.image_shape[1:])
        if self.max_shift >= side:
            raise RecipeError(f"max_shift must be below {side}, the pictures' smaller side")
        model = replace(self.model, num_classes=data.num_classes, **self.input_of(data))
        return replace(super().for_data(data), model=model)

    def adapted(self, data: Images, chosen: Collection[str], report: Callable[[str], None]) -> Self:
        if self.patience and not self.hold_out:
            validating = len(data.holding_out().test_labels)
            report(
                f"{validating:,} validation pictures decide when the training ends"
                if data.validation_images is not None
                else f"{validating:,} of {len(data.train_labels):,} training pictures are held out: they decide "
                "when the training ends"
            )
        return super().adapted(data, chosen, report)

    def input_of(self, data: Images) -> dict[str, Any]:
        """The fields of `model` that follow from the pictures' shape."""
        return shape_of(data, self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        images = (data or self.load()).to(device)
        # With patience the held-out part decides when to end, so it is neither trained nor tested on.
        held_out = images.holding_out() if self.patience and not self.hold_out else images
        seed_everything(self.seed)
        network = self.network().to(device)
        self.initialise(network, held_out.train_images)
        if self.freeze == "features":
            freeze_features(network)
        batches = Batches(
            held_out.train_images,
            held_out.train_labels,
            batch_size=self.batch_size_for(held_out),
            seed=self.seed,
            prepare=self._prepare,
            weights=_equal_shares(held_out.train_labels) if self.balance else None,
            mirrored=self._mirrored(held_out.train_labels) if self.flip else None,
        )
        optimizer = self.optimizer(network)
        num_steps = self.epochs * batches.steps_per_epoch
        state: dict[str, Any] = {
            "network": network,
            "optimizer": optimizer,
            "schedule": LambdaLR(optimizer, warmup_then_linear(num_steps, self.warmup)),
        }
        step, evaluated = with_average(
            functools.partial(
                self.train_step, network, optimizer, label_smoothing=self.label_smoothing
            ),
            network,
            self.average_decay,
            state,
        )
        split = "validation" if self.patience else self.split
        if self.patience:
            state["early_stopping"] = EarlyStopping(evaluated, f"{split}_loss", self.patience)
        return Training(
            step=step,
            batches=batches,
            state=state,
            network=evaluated,
            evaluate=functools.partial(score_classifier, evaluated, held_out, split),
        )

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """AdamW on every parameter that is not frozen."""
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        return torch.optim.AdamW(trained, lr=self.lr, weight_decay=self.weight_decay, fused=True)

    def evaluate(self, network: nn.Module, data: Images) -> Evaluation:
        require_same_classes(self.model.num_classes, data)
        return evaluate_classifier(network, data, self.split)

    def _prepare(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        pixels = to_float(images)
        if self.distort:
            pixels = distort(
                pixels, max_pixels=self.max_shift, rotation=0.13, scale=0.08, shear=0.1
            )
        elif self.max_shift:
            pixels = shift(pixels, self.max_shift, mirror_border=self.mirror_border)
        return pixels, labels

    def _mirrored(self, labels: Tensor) -> Tensor:
        """Which pictures begin mirrored: (N,) bool, half of them by chance."""
        chance = torch.Generator().manual_seed(self.seed)
        return (torch.rand(len(labels), generator=chance) < 0.5).to(labels.device)


def freeze_features(network: nn.Module) -> None:
    """Keep everything before the last linear layer as it is: weights and running statistics."""
    head = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    network.requires_grad_(False)
    head.requires_grad_(True)
    for module in network.modules():
        module.training = False


def _equal_shares(labels: Tensor) -> Tensor:
    """How often each item is drawn so that every class is drawn equally often: (N,)"""
    counts = labels.bincount()
    return 1 / counts[labels]
