"""What a network sees in one picture, layer by layer, and the gradient on its way back."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One picture's way through a network.

    logits: (K,). layers: name -> maps (C, H, W), in the order of the forward path.
    gradients: the same of d log p(class) / d maps, beginning with the picture; empty when not
    asked for.
    """

    logits: Tensor
    layers: dict[str, Tensor]
    gradients: dict[str, Tensor]

    @property
    def probs(self) -> Tensor:
        return self.logits.softmax(dim=0)


def see(network: nn.Module, image: Tensor, gradient_of: int | None = None) -> Seen:
    """Send `image` through `network`, in eval mode, and look at every stack of maps.

    Args:
        network: any module whose direct children pass maps (B, C, H, W) on; its mode, its
            parameters and their gradients are left as they were.
        image: (1, H, W) in [0, 1], on the network's device.
        gradient_of: the class whose log-probability is sent back; None for the forward path only.
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
            found = {"picture": pixels, **layers}
            gradients: tuple[Tensor, ...] = ()
            if gradient_of is not None:
                log_prob = logits.log_softmax(dim=1)[0, gradient_of]
                gradients = torch.autograd.grad(log_prob, list(found.values()))
    finally:
        for handle in handles:
            handle.remove()
        for part, mode in modes.items():
            part.training = mode
    return Seen(
        logits=logits[0].detach(),
        layers={name: maps[0].detach() for name, maps in found.items()},
        gradients={n: g[0] for n, g in zip(found, gradients, strict=False)} if gradients else {},
    )
