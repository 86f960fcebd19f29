"""What the figures of the lessons share: the page asks, PyTorch computes the answer.

The scripts in `shared/` are ES modules that the widgets' scripts import. anywidget takes a single
module as one string, so `script` joins them.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from torchcamp.base.look import tokens
from torchcamp.base.wire import Answer, JsonObject, State

HERE = Path(__file__).parent
Answering = Callable[[State], Answer]


_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?:shared/)?(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|function)", re.MULTILINE)


def script(name: str) -> str:
    """NAME.js and the shared scripts that it imports, as one module.

    Each script appears once, after those it imports, without its import lines; so no two joined
    scripts may define the same name.
    """
    parts: dict[Path, str] = {}

    def add(path: Path) -> None:
        if path in parts:
            return
        text = path.read_text(encoding="utf-8")
        for imported in _IMPORT.findall(text):
            add(HERE / "shared" / f"{imported}.js")
        parts[path] = _EXPORT.sub("", _IMPORT.sub("", text))

    add(HERE / f"{name}.js")
    return "\n".join(parts.values())


ROOTS = ":is(.figure, .question, .exercise-editor)"  # the outermost nodes of widgets


def style(name: str) -> str:
    """The tokens, the style that all figures share, and NAME.css."""
    sheets = [(HERE / f"{each}.css").read_text(encoding="utf-8") for each in ("figure", name)]
    return "".join([tokens(ROOTS), *sheets])


class Figure(anywidget.AnyWidget):
    """A figure whose numbers come from `answer`.

    answer: maps the page's state to what it shows, plus arrays as bytes. If it raises, the learner
    sees the error's message. state: the first state; it is answered at once, so that the figure
    is complete while the kernel still runs the cells below it. setup: constants of the figure.
    texts: the sentences that the script shows, by key; it fills in the names in braces.
    """

    texts = traitlets.Dict().tag(sync=True)
    setup = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    opening = traitlets.Dict().tag(sync=True)  # the answer to `state`
    arrays = traitlets.List(traitlets.Bytes()).tag(sync=True)

    def __init__(self, answer: Answering, state: State, **traits: Any) -> None:
        opening, arrays = answer(state)
        super().__init__(state=state, opening=opening, arrays=arrays, **traits)
        self._answer = answer
        self.on_msg(self._receive)

    def _receive(self, widget: Any, message: JsonObject, buffers: list[Any]) -> None:
        if message.get("kind") != "ask":
            return
        try:
            reply, arrays = self._answer(message["state"])
        except Exception as error:  # the page is waiting for an answer
            reply, arrays = {"failed": f"{type(error).__name__}: {error}"}, []
        self.send({"kind": "answer", "id": message.get("id"), "reply": reply}, buffers=arrays)
