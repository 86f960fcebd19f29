"""An editor for one answer's file, with its check, hints and solution."""

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from torchcamp.base.wire import JsonObject
from torchcamp.widgets.figure import script, style


class ExerciseEditor(anywidget.AnyWidget):
    """The page edits `text` and sends each of the learner's actions to `act`.

    act(kind, content) is called for `open`, `soon` (a check may follow), `save`, `check`, `hint`,
    `reset`, `solution`, `mine` and `theirs`; the callee answers through the traits and `tell`.

    text: the answer, as in the file. base: its version, sent along with every save, so that a
    change by another editor is noticed. standing: new, tried, passed or changed.
    statement: HTML. hints: those already shown. num_hints: how many there are.
    """

    _esm = script("exercise_editor")
    _css = style("exercise_editor")
    texts = traitlets.Dict(
        {
            "conflict": (
                "Another editor changed this file while you were typing. Both versions are "
                "kept in backups."
            ),
            "solved": "{solved} of {exercises} exercises are solved.",
            "next": "Next exercise: {title}",
            "next_folded": "Next exercise: {title}, under “More practice”.",
            "next_lesson": "Next exercise: {title} (lesson {lesson_title})",
            "all": "That was the last one. Every exercise is solved!",
            "try": "Try it first, or take a hint. Press again to see our solution anyway.",
            "where": "This is {path}; you can edit it in any editor. Ctrl+Enter checks it.",
        }
    ).tag(sync=True)

    name = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    minutes = traitlets.Int().tag(sync=True)
    statement = traitlets.Unicode().tag(sync=True)
    path = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    base = traitlets.Unicode().tag(sync=True)
    standing = traitlets.Unicode("new").tag(sync=True)
    hints = traitlets.List(traitlets.Unicode()).tag(sync=True)
    num_hints = traitlets.Int(0).tag(sync=True)

    def __init__(self, act: Callable[[str, JsonObject], None], **traits: Any) -> None:
        super().__init__(**traits)
        self._act = act
        self.on_msg(self._receive)

    def tell(self, kind: str, **content: Any) -> None:
        """Send the page a message: `text`, `saved`, `conflict`, `verdict` or `solution`."""
        self.send({"kind": kind, **content})

    def _receive(self, widget: Any, message: JsonObject, buffers: list[Any]) -> None:
        kind = message.get("kind")
        if kind in ("open", "soon", "save", "check", "hint", "reset", "solution", "mine", "theirs"):
            self._act(kind, message)
