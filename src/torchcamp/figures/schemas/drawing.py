"""A schematic picture as data: parts with a place, arrows between them, and steps through them.

A place is the centre of a part, in units of the drawing: about pixels. Every part has two places,
because the picture is drawn twice: `WIDE` units wide for a page, `NARROW` for a phone.
"""

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from torch import Tensor

from torchcamp.base.wire import JsonObject, State
from torchcamp.figures.arrays import shares, signed_shares
from torchcamp.reading.source import source_of
from torchcamp.widgets.schema import Schema

WIDE, NARROW = 920, 360
NARROW_BEND = 0.4  # of an arrow's bend, on a phone; as in schema.js
Place = tuple[float, float]


@dataclass(kw_only=True)
class Drawing:
    """A picture of the whole, to be filled by its methods and shown by `schema`.

    summary: the picture in one sentence, for those who cannot see it. code: what the parts' lines
    are looked up in: symbols of ours such as `models/cnn.py::CNN.forward`, or lines of Python.
    """

    summary: str
    code: tuple[str, ...] = ()
    parts: list[JsonObject] = field(default_factory=list)
    arrows: list[JsonObject] = field(default_factory=list)
    steps: list[JsonObject] = field(default_factory=list)

    def box(self, name: str, text: str, at: Place, narrow: Place, **more: Any) -> Self:
        """A rounded box with `text` in it, and `detail` in small letters under the text.

        `more` of this and of the other parts: `size` (width, height); `label` above the part and
        `detail` below it (inside a box); `note`, said when the part is pressed; `lines`, pieces of
        the code that belong to the part; `tone`: "accent", "second", "good", "bad" or "faint";
        `narrowSize`, its size on a phone; `over`, for what lies on other parts, as a frame does.
        """
        return self._add("box", name, at, narrow, {"size": (120, 46), "text": text} | more)

    def unit(self, name: str, text: str, at: Place, narrow: Place, **more: Any) -> Self:
        """A circle with `text` in it: one unit, one state, one variable."""
        return self._add("unit", name, at, narrow, {"size": (44, 44), "text": text} | more)

    def text(self, name: str, text: str, at: Place, narrow: Place, **more: Any) -> Self:
        """A line of text without a frame."""
        size = (7.2 * len(text) + 6, 18)
        return self._add("text", name, at, narrow, {"size": size, "text": text} | more)

    def picture(self, name: str, pixels: Tensor, at: Place, narrow: Place, **more: Any) -> Self:
        """Pixels (H, W): their shares of the largest, or with `signed` blue below and orange above 0."""
        return self._add(
            "maps", name, at, narrow, {"size": (84, 84), **_maps(pixels[None], more), **more}
        )

    def maps(self, name: str, maps: Tensor, at: Place, narrow: Place, **more: Any) -> Self:
        """Feature maps (C, H, W) as a stack; `shown` of them, four unless told. Also with `signed`."""
        shown = maps[: more.pop("shown", 4)]
        return self._add("maps", name, at, narrow, {"size": (70, 70), **_maps(shown, more), **more})

    def cells(self, name: str, values: Tensor, at: Place, narrow: Place, **more: Any) -> Self:
        """Numbers (R, C) or (C,) as coloured squares, blue below zero and orange above.

        `cell`: the side of a square. `digits`: write each number into its square, with so many
        decimals. In a step's `values`, None is a square without a number.
        """
        rows = values[None] if values.dim() == 1 else values
        cell = more.pop("cell", 16)
        size = (cell * rows.shape[1], cell * rows.shape[0])
        return self._add("cells", name, at, narrow, {"size": size, "values": rows.tolist()} | more)

    def bars(
        self, name: str, values: Sequence[float], at: Place, narrow: Place, **more: Any
    ) -> Self:
        """A horizontal bar for each share in [0, 1]; `names` stand before them, `chosen` is lit."""
        size = (130, 15 * len(values))
        return self._add("bars", name, at, narrow, {"size": size, "values": list(values)} | more)

    def curve(
        self, name: str, points: Sequence[Place], at: Place, narrow: Place, **more: Any
    ) -> Self:
        """A line through `points` (x, y), over axes through 0.

        `mark`: the number of the point that a dot stands on; `slope`: that of a line drawn through
        the dot.
        """
        size = (150, 104)
        return self._add("curve", name, at, narrow, {"size": size, "points": list(points)} | more)

    def arrow(self, start: str, end: str, **more: Any) -> Self:
        """An arrow from part to part; from a part to itself it is a loop above it.

        `name` (else "start>end"), `only`: "at" for the page, "narrow" for a phone, `label`, `bend` (how far it bows to the left of its way, in
        units; `narrowBend` on a phone), `backward`: dashed and in the second colour, as gradients
        are drawn; `headless`: a line, as between units that are tied both ways; `onlyLit`: drawn in
        the steps that light it and in no other; `tone`, `lines`.
        """
        arrow = {"name": f"{start}>{end}", "start": start, "end": end} | more
        self.arrows.append(arrow)
        return self

    def step(self, title: str, words: str, lit: Sequence[str], **changes: JsonObject) -> Self:
        """One step: what happens, in a sentence or two, and the parts and arrows that are lit.

        changes: for this step only, other entries of a part, such as `z={"text": "0.3"}` or
        `window={"at": (40, 60)}`; `{"hidden": True}` takes it away, `{"lines": [...]}` lights others.
        """
        self.steps.append({"title": title, "words": words, "lit": list(lit), "changes": changes})
        return self

    def as_json(self) -> JsonObject:
        """What the page draws.

        Raises:
            ValueError: a step or an arrow names a part that is not there, or a line is not found.
        """
        lines = self._source()
        named = {part["name"] for part in self.parts}
        known = named | {arrow["name"] for arrow in self.arrows}
        for arrow in self.arrows:
            _must_be_in(named, (arrow["start"], arrow["end"]), "an arrow")
        for step in self.steps:
            _must_be_in(known, (*step["lit"], *step["changes"]), f"the step {step['title']!r}")
        return {
            "summary": self.summary,
            "width": [WIDE, NARROW],
            "height": [self._height("at"), self._height("narrow")],
            "code": lines,
            "parts": [_with_lines(part, lines) for part in self.parts],
            "arrows": [_with_lines(arrow, lines) for arrow in self.arrows],
            "steps": [
                step | {"changes": {n: _with_lines(c, lines) for n, c in step["changes"].items()}}
                for step in self.steps
            ],
        }

    def _add(self, kind: str, name: str, at: Place, narrow: Place, more: JsonObject) -> Self:
        if any(part["name"] == name for part in self.parts):
            raise ValueError(f"two parts are named {name!r}")
        self.parts.append({"kind": kind, "name": name, "at": at, "narrow": narrow} | more)
        return self

    def _source(self) -> list[str]:
        texts = [source_of(code) if ".py::" in code else code for code in self.code]
        return "\n\n".join(text.strip("\n") for text in texts).splitlines()

    def _height(self, place: str) -> float:
        places = {part["name"]: part[place] for part in self.parts}
        lowest = [bottom(part, place) for part in self.parts]
        return max(lowest + [_lowest(arrow, places, place) for arrow in self.arrows]) + 12


def bottom(part: JsonObject, place: str) -> float:
    """The lowest point of a part at its `place` ("at" or "narrow"), the detail below it included."""
    below = 20 if part.get("detail") and part["kind"] != "box" else 0
    return part[place][1] + part["size"][1] / 2 + below


def _lowest(arrow: JsonObject, places: dict[str, Place], place: str) -> float:
    """The lowest point of an arrow: an end of it, or the middle of its bow."""
    (ax, ay), (bx, by) = places[arrow["start"]], places[arrow["end"]]
    bend = arrow.get("bend", 0)
    if place == "narrow":
        bend = arrow.get("narrowBend", NARROW_BEND * bend)
    length = math.hypot(bx - ax, by - ay) or 1
    return max(ay, by, (ay + by) / 2 - (bx - ax) / length * bend / 2)


def from_lowest(scores: Sequence[float] | Tensor) -> list[float]:
    """Scores (K,) as the lengths of bars: 0 for the lowest, 1 for the highest."""
    numbers = [float(score) for score in scores]
    low, high = min(numbers), max(numbers)
    return [(number - low) / max(high - low, 1e-12) for number in numbers]


def schema(draw: Callable[[int], Drawing], num_examples: int = 1) -> Schema:
    """The picture in the page. `draw(i)` makes that of example i; a button asks for the next."""

    def answer(state: State) -> tuple[JsonObject, list[bytes]]:
        return draw(int(state["example"]) % num_examples).as_json(), []

    return Schema(answer=answer, state={"example": 0}, setup={"examples": num_examples})


def repainted(maps: Tensor, *, signed: bool = False) -> JsonObject:
    """The entries of a picture (H, W), or of maps (C, H, W), that a step changes to show others."""
    return _maps(maps if maps.dim() == 3 else maps[None], {"signed": signed})


def _maps(maps: Tensor, more: JsonObject) -> JsonObject:
    pixels = signed_shares(maps) if more.get("signed") else shares(maps)
    count, height, width = maps.shape
    encoded = base64.b64encode(pixels).decode()
    return {"pixels": encoded, "shape": [count, height, width], "signed": False}


def _must_be_in(known: set[str], names: Sequence[str], who: str) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{who} names {name!r}, which is not drawn; there are {sorted(known)}")


def _with_lines(part: JsonObject, lines: list[str]) -> JsonObject:
    """A part or a change of one, its pieces of code replaced by the numbers of their lines."""
    if "lines" not in part:
        return part if "name" not in part else {**part, "lines": []}
    numbers = []
    for piece in part["lines"]:
        found = [number for number, line in enumerate(lines) if piece in line]
        if not found:
            raise ValueError(f"{part.get('name', 'a change')}: no line of the code holds {piece!r}")
        numbers += found
    return {**part, "lines": numbers}
