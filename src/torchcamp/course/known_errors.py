"""PyTorch's commonest error messages, recognised and explained with their own numbers.

`content/errors.toml` has the texts and says how it is laid out. This file finds the message in what was
pasted, works out what follows from its numbers, and fills the texts in. It does not import torch.
"""

import ast
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from torchcamp.base.errors import UserError, suggest
from torchcamp.base.paths import CONTENT
from torchcamp.course.content import lessons
from torchcamp.course.tracebacks import Failure, Place, failures

CLOSE = 0.34  # share of common words from which a known message counts as similar


@dataclass(frozen=True, kw_only=True)
class KnownError:
    """One message of `errors.toml`, whose head describes the fields."""

    name: str
    group: str
    lesson: str
    patterns: tuple[str, ...]
    message: str
    also: tuple[str, ...] = ()
    title: str
    means: tuple[str, ...]
    numbers: tuple[str, ...]
    causes: tuple[str, ...]
    mend: tuple[str, ...]
    next: tuple[str, ...]
    example: str
    mended: str

    def values_in(self, message: str) -> dict[str, Any] | None:
        """The numbers and names of the message and what follows from them; None if it is another one."""
        matches = [match for each in self.patterns if (match := re.search(each, message))]
        if not matches:
            return None
        found: dict[str, Any] = {}
        for match in matches:  # of load_state_dict's message two: missing names and unexpected ones
            for name, text in match.groupdict().items():
                if text is not None:
                    found.setdefault(name, int(text) if re.fullmatch(r"-?\d+", text) else text)
        for name, text in tuple(found.items()):
            if f"{name}_dtype" in self.said():
                found[f"{name}_dtype"] = DTYPES.get(text, text)
        worked_out = FOLLOWS.get(self.name, lambda values: {})(found)
        return found | {name: value for name, value in worked_out.items() if value is not None}

    def said(self) -> set[str]:
        """The names of the values that the sentences hold."""
        sentences = self.means + self.numbers + self.causes + self.mend + self.next
        return {name for sentence in sentences for name in fields(sentence)}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A known error with the numbers of one message in its sentences."""

    error: KnownError
    values: dict[str, Any]
    means: tuple[str, ...]
    numbers: tuple[str, ...]
    causes: tuple[str, ...]
    mend: tuple[str, ...]
    next: tuple[str, ...]

    @property
    def lesson_title(self) -> str:
        """Title of the lesson that teaches what is behind the error; empty where the course has none."""
        return next((each.title for each in lessons() if each.name == self.error.lesson), "")

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `torchcamp explain --json` prints them."""
        return {
            "name": self.error.name,
            "title": self.error.title,
            "values": self.values,
            "means": list(self.means),
            "numbers": list(self.numbers),
            "causes": list(self.causes),
            "mend": list(self.mend),
            "next": list(self.next),
            "lesson": self.error.lesson,
            "example": self.error.example,
            "mended": self.error.mended,
        }


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What was found in a pasted text: the message, the user's line, and the errors that explain it.

    Several where one message says several things, as `load_state_dict` does.
    """

    message: str
    place: Place | None
    explanations: tuple[Explanation, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `torchcamp explain --json` prints them."""
        place = self.place
        return {
            "message": self.message,
            "place": place and {"file": place.file, "line": place.line, "code": place.code or None},
            "explanations": [each.as_json() for each in self.explanations],
        }


@cache
def known_errors() -> dict[str, KnownError]:
    """The errors by name, in the order of the page."""
    entries = tomllib.loads((CONTENT / "errors.toml").read_text(encoding="utf-8"))["error"]
    errors = (KnownError(**{name: _plain(value) for name, value in e.items()}) for e in entries)
    return {error.name: error for error in errors}


def _plain(value: Any) -> Any:
    """A list as a tuple, a text without the line breaks around it."""
    return tuple(value) if isinstance(value, list) else value.strip()


def explain(text: str) -> Explained:
    """Explain a message, a traceback that ends with one, or the example of an entry's name.

    Raises:
        UserError: no message in the text is known; the nearest are named.
    """
    if text.strip() in known_errors():
        text = known_errors()[text.strip()].message
    found = failures(text)
    for failure in reversed(found):  # the last one is what ended the program
        if explanations := _explanations(failure):
            return Explained(
                message=failure.message, place=failure.place, explanations=explanations
            )
    raise UserError(_unknown(found[-1].message))


def _explanations(failure: Failure) -> tuple[Explanation, ...]:
    names = names_of(failure.place)
    return tuple(
        explanation(error, values | names)
        for error in known_errors().values()
        if (values := error.values_in(failure.message)) is not None
    )


def names_of(place: Place | None) -> dict[str, str]:
    """What commands call the user's code: FILE, and TARGET, which is the class in it if that is known."""
    if place is None or not place.file.endswith(".py"):
        return {"FILE": "FILE.py", "TARGET": "FILE.py:Class"}
    path = Path(place.file)
    file = shlex.quote(os.path.relpath(path) if path.is_relative_to(Path.cwd()) else place.file)
    return {"FILE": file, "TARGET": f"{file}:{_class_at(path, place.line) or 'Class'}"}


def _class_at(path: Path, line: int) -> str | None:
    """The class of `path` that the line stands in; None if there is none, or no such file here."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None
    return next(
        (
            node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0)
        ),
        None,
    )


def explanation(error: KnownError, values: Mapping[str, Any]) -> Explanation:
    """The error's sentences with `values` in them; those that need others are left out."""

    def filled(sentences: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            sentence.format_map(values) for sentence in sentences if fields(sentence) <= set(values)
        )

    return Explanation(
        error=error,
        values={name: value for name, value in values.items() if name not in ("FILE", "TARGET")},
        means=filled(error.means),
        numbers=filled(error.numbers),
        causes=filled(error.causes),
        mend=filled(error.mend),
        next=filled(error.next),
    )


def example_of(error: KnownError) -> Explanation:
    """The explanation of the error's own example."""
    values = error.values_in(error.message)
    assert values is not None, error.name
    return explanation(error, values | names_of(None))


def fields(sentence: str) -> set[str]:
    """The names of the values that a sentence holds."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def _unknown(message: str) -> str:
    """One line for a message that is not in the table, with those that share most of its words."""
    words = _words(message)
    likeness = {
        error.name: len(words & theirs) / len(words | theirs)
        for error in known_errors().values()
        if (theirs := _words(error.message))
    }
    near = sorted(
        (name for name, share in likeness.items() if share >= CLOSE), key=lambda n: -likeness[n]
    )
    shown = " ".join(message.split())
    shown = shown if len(shown) <= 100 else f"{shown[:99]}…"
    if near:
        names = " or ".join(f"torchcamp explain {name}" for name in near[:2])
        hint = f"The nearest known: {names}."
    else:
        hint = suggest(
            message, known_errors(), otherwise="torchcamp explain --list shows them all."
        )
    return f"this message is not among those that are explained: {shown!r}. {hint}"


def _words(message: str) -> set[str]:
    return {
        word for word in re.findall(r"[a-z]{3,}", message.lower()) if not word.endswith("error")
    }


# --- What follows from a message's numbers -----------------------------------------------

# How messages call a type, and its name in Python.
DTYPES = {
    "Byte": "uint8", "Char": "int8", "Short": "int16", "Int": "int32", "Long": "int64",
    "Half": "float16", "BFloat16": "bfloat16", "Float": "float32", "Double": "float64",
    "ComplexFloat": "complex64", "ComplexDouble": "complex128", "Bool": "bool",
    "unsigned char": "uint8", "signed char": "int8", "short": "int16", "int": "int32",
    "long": "int64", "long int": "int64", "long long": "int64", "float": "float32",
    "double": "float64", "c10::Half": "float16", "c10::BFloat16": "bfloat16",
}  # fmt: skip
WHOLE = ("uint8", "int8", "int16", "int32", "int64", "bool")


def sizes(text: str) -> list[int]:
    """The numbers of a shape: `[64, 784]`, `torch.Size([3])`, `2 x 2`."""
    return [int(number) for number in re.findall(r"-?\d+", text)]


def _product(numbers: list[int]) -> int:
    product = 1
    for number in numbers:
        product *= number
    return product


def _matrix_shapes(found: dict[str, Any]) -> dict[str, Any]:
    rows, given, expected = found["rows"], found["given"], found["expected"]
    total = rows * given
    unflattened = expected % given == 0 and total % expected == 0
    return {
        "total": total if unflattened else None,
        "flat_rows": total // expected if unflattened else None,
        "refit": given if not unflattened else None,
        "turned": rows if rows == expected else None,
    }


def _reshape_count(found: dict[str, Any]) -> dict[str, Any]:
    shape, size = sizes(found["shape"]), found["size"]
    row = _product(shape[1:]) if -1 not in shape[1:] else 0
    whole = -1 not in shape
    known = _product([number for number in shape if number != -1])
    return {
        "wanted": _product(shape) if whole else None,
        "fits": size // row if whole and len(shape) > 1 and row and size % row == 0 else None,
        "row": row or None,
        "known": known if not whole else None,
        "times": size // known if not whole and known else None,
        "left": size % known if not whole and known else None,
    }


def _convolution_dimensions(found: dict[str, Any]) -> dict[str, Any]:
    return {"num_dims": len(sizes(found["shape"]))} if "shape" in found else {}


def _convolution_channels(found: dict[str, Any]) -> dict[str, Any]:
    shape, expected = sizes(found["shape"]), found["expected"]
    last = len(shape) == 4 and shape[-1] == expected
    one_picture = len(shape) == 4 and shape[0] == 1 and expected == 1 and shape[1] > 4
    return {
        "channels_last": found["shape"] if last else None,
        "missing_axis": found["shape"] if one_picture else None,
    }


def _dimension_range(found: dict[str, Any]) -> dict[str, Any]:
    low, high = found["low"], found["high"]
    if high == 0:  # torch says the same of a tensor without axes
        return {"num_dims": "1 axis, or none if it is a single number", "valid": "0 and -1"}
    return {"num_dims": f"{high + 1} axes", "valid": f"0 to {high} and -1 to {low}"}


def _target_out_of_bounds(found: dict[str, Any]) -> dict[str, Any]:
    if (target := found.get("target")) is None:
        return {}
    if target < 0:
        del found["target"]
        return {"negative": target}
    return {"needed": target + 1}


def _batch_sizes(found: dict[str, Any]) -> dict[str, Any]:
    predictions, labels = found["predictions"], found["labels"]
    more = labels and predictions > labels and predictions % labels == 0
    fewer = predictions and labels > predictions and labels % predictions == 0
    return {
        "times": predictions // labels if more else None,
        "fewer": labels // predictions if fewer else None,
    }


def _not_for_this_type(found: dict[str, Any]) -> dict[str, Any]:
    dtype = found["type_dtype"]
    return {
        "whole_numbers": f"`torch.{dtype}`" if dtype in WHOLE else None,
        "half": f"`torch.{dtype}`" if dtype == "float16" else None,
        "sign": {"bitwise_and": "&", "bitwise_or": "|"}.get(found["operation"]),
    }


def _changed_in_place(found: dict[str, Any]) -> dict[str, Any]:
    return {"parameter": found["type"] if "operation" not in found else None}


def _nan_in_backward(found: dict[str, Any]) -> dict[str, Any]:
    return {"operation": re.sub(r"Backward\d*$", "", found["function"]).lower()}


def _none_has_no_attribute(found: dict[str, Any]) -> dict[str, Any]:
    of_gradients = ("zero_", "data", "norm", "add_", "mul_", "detach_")
    return {"gradient": found["attribute"] if found["attribute"] in of_gradients else None}


def _no_such_attribute(found: dict[str, Any]) -> dict[str, Any]:
    name = found["class"]
    return {
        "saved_dict": name if name in ("collections.OrderedDict", "OrderedDict", "dict") else None,
        "numpy_name": "array" if name == "numpy.ndarray" else None,
    }


def _forward_argument(found: dict[str, Any]) -> dict[str, Any]:
    return {"given": found["got"] - 1} if "got" in found else {}


def _state_dict_keys(found: dict[str, Any]) -> dict[str, Any]:
    missing, unexpected = (
        re.findall(r'"([^"]+)"', found.get(name, "")) for name in ("missing", "unexpected")
    )
    prefixes = {
        name.removesuffix(wanted)
        for name in unexpected
        for wanted in missing
        if name.endswith("." + wanted)
    }
    prefix = next(
        (each for each in sorted(prefixes, key=len) if all(n.startswith(each) for n in unexpected)),
        None,
    )
    return {
        "missing": missing or None,
        "unexpected": unexpected or None,
        "num_missing": len(missing) or None,
        "num_unexpected": len(unexpected) or None,
        "first_missing": missing[0] if missing else None,
        "first_unexpected": unexpected[0] if unexpected else None,
        "prefix": prefix,
        "parallel": "module." if _all_begin(unexpected, "module.") else None,
        "compiled": "_orig_mod." if _all_begin(unexpected, "_orig_mod.") else None,
    }


def _all_begin(names: list[str], prefix: str) -> bool:
    return bool(names) and all(name.startswith(prefix) for name in names)


def _out_of_memory(found: dict[str, Any]) -> dict[str, Any]:
    if "bytes" not in found:
        return {}
    gigabytes = found["bytes"] / 1e9
    return {"gigabytes": f"{gigabytes:,.0f}" if gigabytes >= 10 else f"{gigabytes:.2g}"}


FOLLOWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "matrix-shapes": _matrix_shapes,
    "reshape-count": _reshape_count,
    "convolution-dimensions": _convolution_dimensions,
    "convolution-channels": _convolution_channels,
    "dimension-range": _dimension_range,
    "batch-norm-one": lambda found: {"channels": sizes(found["shape"])[1]},
    "target-out-of-bounds": _target_out_of_bounds,
    "batch-sizes": _batch_sizes,
    "not-for-this-type": _not_for_this_type,
    "index-bounds": lambda found: {"last": found["size"] - 1},
    "changed-in-place": _changed_in_place,
    "nan-in-backward": _nan_in_backward,
    "none-has-no-attribute": _none_has_no_attribute,
    "no-such-attribute": _no_such_attribute,
    "forward-argument": _forward_argument,
    "state-dict-keys": _state_dict_keys,
    "out-of-memory": _out_of_memory,
}
