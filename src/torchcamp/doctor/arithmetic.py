"""Arithmetic at the script's own level: shapes that meet, bytes that wrap, sums that keep graphs."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.doctor import tape
from torchcamp.doctor.hand import Hand
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Recording, Where

SET_DATA = "data.__set__"
WRITES = {
    "copy_", "lerp_", "mul_", "__imul__", SET_DATA, "_foreach_copy_", "_foreach_lerp_", "_foreach_mul_",
    "_foreach_add_",
}  # fmt: skip
MAX_WRITTEN = 100_000


class Arithmetic:
    """Looks at differences, sums, products, logarithms and writes in place.

    Args:
        stack: the modules that run, outermost first.
    """

    def __init__(
        self, recording: Recording, lines: UserLines, hand: Hand, stack: list[nn.Module]
    ) -> None:
        self._recording = recording
        self._lines = lines
        self._hand = hand
        self._stack = stack
        self._sums: dict[Where, list[tuple[int, int, int]]] = {}

    def handlers(self) -> dict[str, Callable[..., None]]:
        """What looks at torch's functions, by their names."""
        return {
            **dict.fromkeys(("sub", "__sub__", "__rsub__", "subtract"), self._difference),
            **dict.fromkeys(("log", "log2", "log10"), self._log),
            **dict.fromkeys(("add", "__add__", "__radd__", "__iadd__", "add_"), self._sum),
            **dict.fromkeys(("__mul__", "mul", "__rmul__", "neg", "__neg__"), self._wraps),
            **dict.fromkeys(WRITES, self._writes),
            **self.handlers_before(),
        }

    def handlers_before(self) -> dict[str, Callable[..., None]]:
        """Those of the above that must look before the function runs."""
        return dict.fromkeys(("__isub__", "sub_"), self._wraps_in_place)

    def _difference(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        if len(args) < 2:
            return
        check_broadcast(self._recording, self._lines, args[0], args[1])
        self._wraps(name, args, kwargs, out)

    def _wraps(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Bytes count modulo 256."""
        if not isinstance(out, Tensor) or out.dtype is not torch.uint8 or out.numel() < 2:
            return
        self._see_wrapped(name, args)

    def _writes_by_hand(self, args: tuple[Any, ...]) -> None:
        """Is the line that runs a step taken by hand?"""
        first = args[0] if args else None
        if not self._stack and isinstance(first, Tensor) and self._hand.holds(first):
            where = self._lines.here(4)
            if where is not None:
                self._hand.note_write(where)

    def _wraps_in_place(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        self._writes_by_hand(args)
        if args and isinstance(args[0], Tensor) and args[0].dtype is torch.uint8:
            self._see_wrapped(name, args)

    def _see_wrapped(self, name: str, args: tuple[Any, ...]) -> None:
        values = [
            each.detach().to(torch.int32) if isinstance(each, Tensor) else each for each in args
        ]
        plain = name.strip("_").removeprefix("r").removeprefix("i")
        if plain == "neg":
            exact = -values[0]
        elif name == "__rsub__":
            exact = values[1] - values[0]
        elif plain in ("sub", "subtract"):
            exact = values[0] - values[1]
        elif plain == "mul":
            exact = values[0] * values[1]
        else:
            exact = values[0] + values[1]
        if not isinstance(exact, Tensor):
            return
        wrapped = float(((exact < 0) | (exact > 255)).float().mean())
        if wrapped > 0.01:
            self._recording.see("uint8-wraps", self._lines.here(4), share=wrapped)

    def _sum(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """`total += loss`: does the graph behind the total grow from batch to batch?"""
        if name in ("__iadd__", "add_"):
            self._writes(name, args, kwargs, out)
        if not isinstance(out, Tensor):
            return
        if out.dtype is torch.uint8:
            if name not in ("__iadd__", "add_"):
                self._wraps("add", args, kwargs, out)
            return
        if not out.requires_grad or out.numel() != 1 or self._stack:
            return
        where = self._lines.here(3)
        if where is None:
            return
        nodes = tape.walk([out]).nodes
        batch = self._recording.num_batches()
        rows = self._sums.setdefault(where, [])
        if rows and nodes <= rows[-1][0]:
            rows.clear()
        rows.append((nodes, batch, self._recording.num_steps))
        if len(rows) >= 4 and len({row[1] for row in rows}) >= 4:
            self._recording.see(
                "loss-keeps-graph", where, nodes=nodes, first=rows[0][0], form="sum",
                validation=rows[-1][2] == rows[0][2],
            )  # fmt: skip

    def _writes(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Weights that follow others are written to in place."""
        self._writes_by_hand(args)
        written = self._recording.written
        if not self._recording.num_steps or not args or len(written) > MAX_WRITTEN:
            return
        if name == "__set__":  # of .data: a gradient lies elsewhere
            given = args[1] if len(args) > 1 else None
            if not isinstance(given, Tensor) or given.data_ptr() != args[0].data_ptr():
                return
        for each in args[0] if isinstance(args[0], list | tuple) else args[:1]:
            if isinstance(each, Tensor):
                written.add(each.data_ptr())

    def _log(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        given = args[0] if args else None
        if not isinstance(given, Tensor) or not given.requires_grad:
            return
        if tape.maker(given) == "Sigmoid":
            self._recording.see("log-of-sigmoid", self._lines.here(3), form="log(sigmoid)")
            return
        made_by = tape.maker(given)
        if (
            made_by in ("Rsub", "Add", "Sub")
            and tape.maker(given, (*tape.VIEWS, "Rsub", "Add", "Sub")) == "Sigmoid"
        ):
            form = "log(1 - sigmoid)" if made_by == "Rsub" else "log(sigmoid + epsilon)"
            self._recording.see("log-of-sigmoid", self._lines.here(3), form=form)


def check_broadcast(
    recording: Recording, lines: UserLines, a: Any, b: Any, where: Where | None = None
) -> None:
    """A column meets a row of as many numbers: the result is a square, of all pairs."""
    if not isinstance(a, Tensor) or not isinstance(b, Tensor) or a.dim() == b.dim():
        return
    column, row = (a, b) if a.dim() == 2 else (b, a)
    if (
        column.dim() != 2
        or row.dim() != 1
        or column.shape[1] != 1
        or len(column) != len(row)
        or len(row) < 2
        or not (
            a.requires_grad or b.requires_grad or recording.is_output(a) or recording.is_output(b)
        )
        or a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
    ):
        return
    where = where or lines.here(4)
    with torch.no_grad():
        right = float((column[:, 0] - row).float().square().mean())
        wrong = float((column - row).float().square().mean())
    recording.see(
        "broadcast-mismatch", where, of=a if recording.is_output(a) else b, rows=len(row), mean_square_all_pairs=wrong,
        mean_square=right,
    )  # fmt: skip
