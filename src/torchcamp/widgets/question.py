"""A question to answer before the lesson, and again after it."""

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from torchcamp.base.wire import JsonObject
from torchcamp.widgets.figure import script, style


class Question(anywidget.AnyWidget):
    """The learner chooses an option and commits to it; `commit` is then called with its index.

    chosen: the option committed to, or -1. earlier: the answer before the lesson, or -1.
    right, explanation: shown after the second answer; not set for the first.
    """

    _esm = script("question")
    _css = style("question")
    texts = traitlets.Dict(
        {
            "noted": "Noted. The lesson ends with the same question.",
        }
    ).tag(sync=True)

    prompt = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    earlier = traitlets.Int(-1).tag(sync=True)
    right = traitlets.Int(-1).tag(sync=True)
    explanation = traitlets.Unicode("").tag(sync=True)

    def __init__(self, commit: Callable[[int], None], **traits: Any) -> None:
        super().__init__(**traits)
        self._commit = commit
        self.on_msg(self._receive)

    def _receive(self, widget: Any, message: JsonObject, buffers: list[Any]) -> None:
        chosen = message.get("chosen")
        if message.get("kind") == "commit" and isinstance(chosen, int) and self.chosen == -1:
            self.chosen = chosen
            self._commit(chosen)
