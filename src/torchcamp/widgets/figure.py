"""What the figures of the lessons share: a question from the page, an answer computed by PyTorch.

`figure.js` keeps one question under way and asks none off-screen; it stands in front of each
figure's own script, as `figure.css` does in front of its style.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent
Answer = Callable[[dict[str, Any]], tuple[dict[str, Any], list[bytes]]]


def script(name: str) -> str:
    """The shared part and NAME.js, as one module."""
    return (HERE / "figure.js").read_text() + (HERE / f"{name}.js").read_text()


def style(name: str) -> str:
    """The shared part and NAME.css."""
    return (HERE / "figure.css").read_text() + (HERE / f"{name}.css").read_text()


class Figure(anywidget.AnyWidget):
    """A figure whose numbers come from `answer`.

    answer: maps the page's state to what it shows, plus arrays as bytes. If it raises, the learner
    sees the error's message. state: the first state; it is answered at once, so that the figure
    is complete while the kernel still runs the cells below it. setup: constants of the figure.
    """

    setup = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    opening = traitlets.Dict().tag(sync=True)  # the answer to `state`
    arrays = traitlets.List(traitlets.Bytes()).tag(sync=True)

    def __init__(self, answer: Answer, state: dict[str, Any], **traits: Any) -> None:
        opening, arrays = answer(state)
        super().__init__(state=state, opening=opening, arrays=arrays, **traits)
        self._answer = answer
        self.on_msg(self._receive)

    def _receive(self, widget: Any, message: dict[str, Any], buffers: list[Any]) -> None:
        if message.get("kind") != "ask":
            return
        try:
            reply, arrays = self._answer(message["state"])
        except Exception as error:  # the page is waiting for an answer
            reply, arrays = {"failed": f"{type(error).__name__}: {error}"}, []
        self.send({"kind": "answer", "id": message.get("id"), "reply": reply}, buffers=arrays)
