"""A network's feature maps of one picture, layer by layer, and the gradients with respect to them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One picture's way through a network.

    logits: (K,). layers: name -> maps (C, H, W), in the order of the forward path.
    gradients: name -> d log p(class) / d maps, starting with the picture; empty if not requested.
    """

    logits: Tensor
    layers: dict[str, Tensor]
    gradients: dict[str, Tensor]

    @property
    def probs(self) -> Tensor:
        return self.logits.softmax(dim=0)


def see(network: nn.Module, image: Tensor, gradient_of: int | None = None) -> Seen:
    """Send `image` through `network` in eval mode, and keep every layer's maps.

    Args:
        network: any module whose direct children output maps (B, C, H, W); its mode, its
            parameters and their gradients are left unchanged.
        image: (1, H, W) in [0, 1], on the network's device.
        gradient_of: the class whose log-probability is differentiated; None for no backward pass.
    """
    layers: dict[str, Tensor] = {}

    def keep(name: str):
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, Tensor) and output.dim() == 4:
                layers[name] = output

        return hook

    handles = [child.register_forward_hook(keep(name)) for name, child in network.named_children()]
    modes = {part: part.training for part in network.modules()}
    network.eval()
    try:
        pixels = image.unsqueeze(0).detach().requires_grad_(gradient_of is not None)
        with torch.set_grad_enabled(gradient_of is not None):
            logits = network(pixels)
            maps_by_layer = {"picture": pixels, **layers}
            gradients: tuple[Tensor, ...] = ()
            if gradient_of is not None:
                log_prob = logits.log_softmax(dim=1)[0, gradient_of]
                gradients = torch.autograd.grad(log_prob, list(maps_by_layer.values()))
    finally:
        for handle in handles:
            handle.remove()
        for part, mode in modes.items():
            part.training = mode
    return Seen(
        logits=logits[0].detach(),
        layers={name: maps[0].detach() for name, maps in maps_by_layer.items()},
        gradients={
            name: gradient[0] for name, gradient in zip(maps_by_layer, gradients, strict=False)
        }
        if gradients
        else {},
    )
