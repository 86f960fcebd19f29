"""Dataclasses that go into JSON and come back."""

import dataclasses
from functools import cache
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints


class Record:
    """Base of the frozen dataclasses that a reading is made of.

    Fields are written in their order. A field whose default is None is left out while it is None.
    """

    def as_json(self) -> dict[str, Any]:
        """Plain lists, dicts, strings and numbers."""
        return {
            name: _encoded(value)
            for name, is_optional in _fields(type(self))
            if not ((value := getattr(self, name)) is None and is_optional)
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The record that `as_json` was called on."""
        hints = _hints(cls)
        return cls(**{name: _decoded(hints[name], value) for name, value in data.items()})


@cache
def _fields(cls: type) -> list[tuple[str, bool]]:
    """Name of each field, and whether its default is None."""
    return [(field.name, field.default is None) for field in dataclasses.fields(cls)]  # type: ignore[arg-type]


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _encoded(value: Any) -> Any:
    if isinstance(value, Record):
        return value.as_json()
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, dict):
        return {key: _encoded(item) for key, item in value.items()}
    return value


def _decoded(kind: Any, value: Any) -> Any:
    """`value` as a `kind`: a record, a list, tuple or dict of what is known, or a plain value."""
    arguments = get_args(kind)
    if value is None:
        return None
    if get_origin(kind) is UnionType:  # `X | None`
        return _decoded(arguments[0], value)
    if get_origin(kind) is list:
        return [_decoded(arguments[0], item) for item in value]
    if get_origin(kind) is dict:
        return {key: _decoded(arguments[1], item) for key, item in value.items()}
    if get_origin(kind) is tuple:
        return tuple(value)
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind.from_json(value)
    return value
