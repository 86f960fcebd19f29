"""A pad to draw a digit on, and that digit's way through a network and back."""

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from torchcamp.base.wire import Answer, JsonObject
from torchcamp.widgets.figure import script, style

NUM_PIXELS = 784  # 28 x 28

# pixels (784 bytes), the class whose gradient is requested or -1 -> the reply and its buffers
Look = Callable[[bytes, int], Answer]


class DrawPad(anywidget.AnyWidget):
    """The page sends each drawing to `look`, one request at a time.

    The reply has `probs` (one per class) and `layers`: name, channels, height and width of each.
    There is one buffer per layer: channels x height x width bytes, 0 to 255 as a share of the
    layer's largest value. With a gradient, `layers` and buffers hold that instead, with zero at
    128, and the first layer is the picture itself.

    class_names: labels of the bars. examples: pictures of 784 bytes that a button puts on the pad.
    caption: says which network this is.
    """

    _esm = script("draw_pad")
    _css = style("draw_pad")
    texts = traitlets.Dict(
        {
            "gradient": "Show the gradient of log p(class) on its way back to the pixels (key g)",
        }
    ).tag(sync=True)

    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.List(traitlets.Bytes()).tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)

    def __init__(self, look: Look, **traits: Any) -> None:
        super().__init__(**traits)
        self.look = look
        self.on_msg(self._answer)

    def ask_again(self) -> None:
        """Make the page send its drawing again, because the network has changed."""
        self.send({"kind": "ask"})

    def _answer(self, widget: Any, message: JsonObject, buffers: list[Any]) -> None:
        if message.get("kind") != "look" or not buffers or len(buffers[0]) != NUM_PIXELS:
            return
        reply, arrays = self.look(bytes(buffers[0]), int(message.get("gradient_of", -1)))
        self.send({"kind": "seen", "id": message.get("id"), **reply}, buffers=arrays)
