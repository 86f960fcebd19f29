"""A training run to start, stop and steer: two curves, and a rate to change while it runs."""

import threading
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from torchcamp.base.wire import JsonObject
from torchcamp.widgets.figure import script, style


def a_row(
    step: int,
    num_steps: int,
    values: dict[str, float],
    steps_per_second: float = 0.0,
    warning: str = "",
) -> JsonObject:
    """A point of the curves, as the page takes it."""
    return {
        "step": step,
        "num_steps": num_steps,
        "values": values,
        "steps_per_second": steps_per_second,
        "warning": warning,
    }


class LiveTraining(anywidget.AnyWidget):
    """The page's controls call `start`, `stop` and `set_rate`; `show` sends rows to the page.

    A page that is opened again asks for all rows of the run, so that its curves begin at step 1.

    rate: the slider's value, between `lowest_rate` and `highest_rate`.
    what: one line that says what is trained. running, words: the run's state and a message about it.
    """

    _esm = script("live_training")
    _css = style("live_training")

    rate = traitlets.Float(0.01).tag(sync=True)
    lowest_rate = traitlets.Float(1e-4).tag(sync=True)
    highest_rate = traitlets.Float(1.0).tag(sync=True)
    what = traitlets.Unicode().tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        start: Callable[[], None],
        stop: Callable[[], None],
        set_rate: Callable[[float], None],
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        self._actions = {"start": start, "stop": stop}
        self._set_rate = set_rate
        self._rows: list[JsonObject] = []
        self._sending = threading.Lock()  # a row comes after the list that it is not in
        self.on_msg(self._act)

    def show(
        self,
        *,
        step: int,
        num_steps: int,
        values: dict[str, float],
        steps_per_second: float,
        warning: str = "",
    ) -> None:
        """Add a point to the curves; a warning is shown in place of the time left."""
        row = a_row(step, num_steps, values, steps_per_second, warning)
        with self._sending:
            self._rows.append(row)
            self.send({"kind": "row", **row})

    def tell(self, *, running: bool, words: str, fresh: bool = False) -> None:
        """Show the run's state and a message; `fresh` clears the curves."""
        self.running, self.words = running, words
        if fresh:
            self._rows = []
        self.send({"kind": "state", "running": running, "words": words, "fresh": fresh})

    def recall(self, rows: list[JsonObject], words: str) -> None:
        """Have the curves of an earlier run, and a message about it, for pages that are opened."""
        self._rows = rows
        self.running, self.words = False, words

    def _act(self, widget: Any, message: JsonObject, buffers: list[Any]) -> None:
        kind = message.get("kind")
        if kind == "rate":
            rate = min(max(float(message["rate"]), self.lowest_rate), self.highest_rate)
            self.rate = rate
            self._set_rate(rate)
        elif kind == "rows":
            with self._sending:
                self.send({"kind": "rows", "rows": list(self._rows)})
        elif kind in self._actions:
            self._actions[kind]()
