"""Which settings a sweep varies: `lr=1e-4..1e-2`, `batch_size=64,128,256`, all else fixed."""

import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torchcamp.base.errors import RecipeError
from torchcamp.recipes.settings import setting_type, with_settings

LOG_FROM = 10.0  # ratio of a range's ends from which it is drawn on a logarithmic scale


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones for a setting that counts."""

    name: str
    low: float
    high: float
    whole: bool

    @property
    def log(self) -> bool:
        """Whether each decade is as likely as the others."""
        return self.low > 0 and self.high / self.low >= LOG_FROM

    def __str__(self) -> str:
        scale = "logarithmic" if self.log else "linear"
        whole = ", whole numbers" if self.whole else ""
        return f"{self.name} from {self.low:g} to {self.high:g} ({scale}{whole})"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of some values, as they are typed after `--set`."""

    name: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}: {' or '.join(self.values)}"


def search_space(recipe: object, settings: Sequence[str]) -> tuple[list[str], list[Range | Choice]]:
    """The settings that stay fixed, and those that vary.

    `a..b` is a range, `a,b,c` are choices; a setting that holds several numbers has its choices
    separated by `|`, as in `channels=8,16,32|16,32,64`.

    Raises:
        RecipeError: an unknown setting, an empty range, a range of words, values that the recipe
            refuses, or nothing that varies.
    """
    fixed: list[str] = []
    space: list[Range | Choice] = []
    for setting in settings:
        found = _varied(recipe, setting)
        if found is None:
            fixed.append(setting)
            continue
        if found.name in {each.name for each in space}:
            raise RecipeError(f"{found.name} varies twice: write one --set {found.name}=...")
        space.append(found)
    if not space:
        raise RecipeError(
            "nothing varies: give a range or choices, such as --set lr=1e-4..1e-2 or "
            "--set batch_size=64,128"
        )
    recipe = with_settings(recipe, fixed)
    for each in space:
        for text in (
            each.values
            if isinstance(each, Choice)
            else (_end(each, each.low), _end(each, each.high))
        ):
            with_settings(recipe, [f"{each.name}={text}"])
    return fixed, space


def as_text(value: float, within: Range) -> str:
    """A number with three digits, as it can be typed; more where three leave the range."""
    text = f"{value:.3g}"
    return text if within.low <= float(text) <= within.high else repr(value)


def _varied(recipe: object, setting: str) -> Range | Choice | None:
    """What `setting` varies, or None if it is fixed."""
    key, equals, text = setting.partition("=")
    key, text = key.strip(), text.strip()
    if not equals or not key:
        return None  # `with_settings` says what is wrong
    hint = _plain(setting_type(recipe, key))
    several = typing.get_origin(hint) is tuple
    low, dots, high = text.partition("..")
    # `folder:../pets` is a path, not a range.
    if dots and low and high and "/" not in text:
        if several:
            raise RecipeError(
                f"{key} holds several numbers, so it cannot be a range: list choices separated by |"
            )
        if hint not in (int, float):
            raise RecipeError(
                f"{key} is not a number, so {text} is not a range: list its values, such as {key}=a,b"
            )
        return _range(key, low, high, hint)
    parts = [part.strip() for part in text.split("|" if several else ",")]
    if len(parts) == 1:
        return None
    if key == "data":
        raise RecipeError("trials on different data cannot be compared: give one with --data")
    if "" in parts or len(set(parts)) < len(parts):
        raise RecipeError(f"{key}={text} has an empty or a repeated choice")
    return Choice(name=key, values=tuple(parts))


def _range(key: str, low: str, high: str, hint: type) -> Range:
    try:
        ends = float(low), float(high)
    except ValueError:
        raise RecipeError(
            f"{key} takes a range of numbers such as 0.001..0.1, not {low}..{high}"
        ) from None
    if not ends[0] < ends[1] < float("inf"):
        raise RecipeError(f"the range {key}={low}..{high} is empty: the smaller end comes first")
    if hint is int and any(end != int(end) for end in ends):
        raise RecipeError(f"{key} takes whole numbers, not {low}..{high}")
    return Range(name=key, low=ends[0], high=ends[1], whole=hint is int)


def _end(each: Range, value: float) -> str:
    return str(int(value)) if each.whole else repr(value)


def _plain(hint: Any) -> Any:
    """`int` for `int | None`."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint
