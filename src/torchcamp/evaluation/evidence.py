"""Which pixels decided? Grad-CAM for any network with a feature map, gradient x input for the rest.

Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", 2017, arXiv:1610.02391, equations 1 and 2). With the channels A_k of the last feature
map and the score (logit) y of a class,

    a_k  =  mean over i, j of  dy / dA_k[i, j]
    L    =  relu( sum over k of  a_k A_k )

A network without feature maps, such as a multilayer perceptron, has no L; there the evidence of a
pixel is x dy/dx, summed over its channels, where that is positive.

Shapes: B = pictures, C = channels, H, W = height and width, K = classes
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.base.seeding import random_state, set_random_state
from torchcamp.evaluation.classification import MAX_TEST_IMAGES, Classified
from torchcamp.evaluation.thumbnails import thumbnail

NUM_RIGHT, NUM_WRONG = 3, 4
SIDE = 140  # CSS pixels
FAINT, STRONG = (0.80, 0.05, 0.20), (1.0, 0.85, 0.10)  # RGB, from little evidence to the most
DARKEST, LIGHTEST = 0.15, 0.60  # the picture behind them: no grey is as bright as strong evidence


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How much each pixel spoke for a class.

    maps: (B, H, W) in [0, 1]; the strongest pixel of each picture has 1, unless no pixel has any.
    layer: height and width of the feature map that it was taken on; None for gradient x input.
    """

    maps: Tensor
    layer: tuple[int, int] | None


def evidence(network: nn.Module, images: Tensor, classes: Tensor) -> Evidence:
    """What spoke for `classes` in `images`, with the network in eval mode.

    The network's gradients, its modules' modes and the random state stay as they are.

    Args:
        network: (B, C, H, W) in [0, 1] to logits (B, K), on any device.
        images: (B, C, H, W) uint8.
        classes: (B,) int64, a class for each image.
    """
    device = next(network.parameters()).device
    modes = {module: module.training for module in network.modules()}
    before = random_state()
    features = _LastFeatureMap(network)
    try:
        network.eval()
        # cuDNN's recurrent layers refuse a backward pass in eval mode.
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.backends.cudnn.flags(enabled=False),
        ):
            pixels = (images.to(device).float() / 255).requires_grad_()
            logits = network(pixels)  # (B, K)
            score = logits.gather(1, classes.to(device)[:, None]).sum()  # of independent pictures
            maps, layer = _maps(score, pixels, features.output)
    finally:
        features.remove()
        for module, mode in modes.items():
            module.training = mode
        set_random_state(before)
    return Evidence(maps=maps.detach().cpu(), layer=layer)


def evidence_section(
    network: nn.Module, classified: Classified, images: Tensor
) -> Mapping[str, object]:
    """Values for the template: a few right answers and the worst mistakes, with their evidence.

    Args:
        network: as for `evidence`.
        classified: its answers for `images`.
        images: (N, C, H, W) uint8.
    """
    pictures = images[:MAX_TEST_IMAGES]
    right, wrong = first_right(classified, NUM_RIGHT), classified.worst_mistakes(NUM_WRONG)
    predictions = classified.predictions
    # A mistake is asked twice: what spoke for the answer given, and what for the true class.
    asked = [(i, int(predictions[i])) for i in right + wrong]
    asked += [(i, int(classified.labels[i])) for i in wrong]
    if not asked:
        return {"right": [], "wrong": [], "layer": None, "failed": None}
    indices, classes = (torch.tensor(column) for column in zip(*asked, strict=True))
    shown = pictures[indices.to(pictures.device)].cpu()
    try:
        found = evidence(network, shown, classes)
    except RuntimeError as error:  # a network of one's own that cuts off its gradient
        return {"right": [], "wrong": [], "layer": None, "failed": str(error).split("\n")[0]}
    overlays = {
        each: thumbnail(overlay(picture, heat), SIDE)
        for each, picture, heat in zip(asked, shown, found.maps, strict=True)
    }

    def card(number: int, index: int) -> dict[str, object]:
        label, prediction = int(classified.labels[index]), int(predictions[index])
        return {
            "picture": thumbnail(shown[number], SIDE),
            "label": classified.class_names[label],
            "prediction": classified.class_names[prediction],
            "prob": float(classified.probs[index, prediction]),
            "label_prob": float(classified.probs[index, label]),
            "for_prediction": overlays[index, prediction],
            "for_label": overlays[index, label] if label != prediction else None,
        }

    cards = [card(number, index) for number, index in enumerate(right + wrong)]
    return {
        "right": cards[: len(right)],
        "wrong": cards[len(right) :],
        "layer": found.layer,
        "failed": None,
    }


def first_right(classified: Classified, count: int) -> list[int]:
    """The first image answered right in each of `count` classes, spread evenly over all of them."""
    hits = (classified.predictions == classified.labels).nonzero().flatten().tolist()
    first: dict[int, int] = {}
    for index in hits:
        first.setdefault(int(classified.labels[index]), index)
    found = [first[label] for label in sorted(first)]
    steps = torch.linspace(0, len(found) - 1, min(count, len(found))).round().long()
    return [found[step] for step in steps.tolist()]


def overlay(picture: Tensor, heat: Tensor) -> Tensor:
    """The picture in grey with its evidence in colour, from red (some) to yellow (most).

    Args:
        picture: (C, H, W) uint8.
        heat: (H, W) in [0, 1].

    Returns:
        (3, H, W) uint8.
    """
    grey = DARKEST + (LIGHTEST - DARKEST) * picture.float().mean(dim=0) / 255  # (H, W)
    faint, strong = torch.tensor(FAINT)[:, None, None], torch.tensor(STRONG)[:, None, None]
    colour = torch.lerp(faint, strong, heat)  # (3, H, W)
    mixed = torch.lerp(grey.expand_as(colour), colour, 0.8 * heat)
    return mixed.mul(255).round().to(torch.uint8)


class _LastFeatureMap:
    """Watches a network for the last output (B, C, H, W) with more than one position."""

    def __init__(self, network: nn.Module) -> None:
        self.output: Tensor | None = None
        self.learned = False  # whether a layer with weights has run; before it, outputs are pixels
        self.hooks = [module.register_forward_hook(self._keep) for module in network.modules()]

    def _keep(self, module: nn.Module, inputs: object, output: object) -> None:
        self.learned = self.learned or any(True for _ in module.parameters(recurse=False))
        if (
            self.learned
            and isinstance(output, Tensor)
            and output.dim() == 4
            and output.shape[2:].numel() > 1
        ):
            self.output = output

    def remove(self) -> None:
        for hook in self.hooks:
            hook.remove()


def _maps(
    score: Tensor, pixels: Tensor, features: Tensor | None
) -> tuple[Tensor, tuple[int, int] | None]:
    """Evidence (B, H, W), and the feature map's size where it was taken on one."""
    if features is not None:
        (slope,) = torch.autograd.grad(score, features, retain_graph=True, allow_unused=True)
        if slope is not None:
            weights = slope.mean(dim=(2, 3), keepdim=True)  # a_k: (B, C, 1, 1)
            coarse = (weights * features).sum(dim=1, keepdim=True).relu()  # L: (B, 1, h, w)
            fine = F.interpolate(
                coarse.float(), size=pixels.shape[2:], mode="bilinear", align_corners=False
            )
            height, width = features.shape[2:]
            return _scaled(fine.squeeze(1), fine.flatten(1).amax(dim=1)), (height, width)
    (slope,) = torch.autograd.grad(score, pixels)
    signed = (slope * pixels).sum(dim=1)  # (B, H, W)
    positive = signed.relu()
    # A single pixel may have many times the evidence of all others, which would then be invisible.
    return _scaled(positive, positive.flatten(1).quantile(0.99, dim=1)), None


def _scaled(maps: Tensor, highest: Tensor) -> Tensor:
    """Maps (B, H, W) divided by the value (B,) that is shown as 1; zeros stay zeros."""
    scaled = maps / highest.clamp_min(torch.finfo(maps.dtype).tiny)[:, None, None]
    return scaled.nan_to_num(0.0).clamp(0, 1)
