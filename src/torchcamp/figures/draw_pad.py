"""The draw pad of lesson 7: what the learner's network makes of a drawing."""

import threading
from typing import Any

import torch
from torch import nn

from torchcamp.base.wire import Answer
from torchcamp.figures.arrays import shares, signed_shares
from torchcamp.figures.feature_maps import see
from torchcamp.widgets.draw_pad import DrawPad


class NetworkOnPad:
    """A draw pad and its network, which may be replaced while the page is open."""

    def __init__(self, network: nn.Module, **traits: Any) -> None:
        self.network = network.eval()
        self.lock = threading.Lock()
        self.widget = DrawPad(look=self._look, **traits)

    def replace(self, network: nn.Module, caption: str) -> None:
        """Use `network` from now on."""
        with self.lock:
            self.network = network.eval()
        self.widget.caption = caption
        self.widget.ask_again()

    def _look(self, pixels: bytes, gradient_of: int) -> Answer:
        image = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).view(1, 28, 28).float() / 255
        with self.lock:
            seen = see(self.network, image, gradient_of if gradient_of >= 0 else None)
        maps = seen.gradients or seen.layers
        scale = signed_shares if seen.gradients else shares
        layers = [
            {"name": name, "channels": m.shape[0], "height": m.shape[1], "width": m.shape[2]}
            for name, m in maps.items()
        ]
        reply = {"probs": seen.probs.tolist(), "layers": layers, "gradient_of": gradient_of}
        return reply, [scale(m) for m in maps.values()]
