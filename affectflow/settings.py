"""What all settings dataclasses have in common: flat fields of plain types, declared with bounds.

A field's metadata says what it means and what it may be: ``help`` (str), and ``choices`` (a tuple)
or ``low`` and ``high`` (inclusive) with ``multiple``. Whoever takes a value from outside, a command
or a scheduler, reads the bounds there.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from affectflow.errors import InputError

LARGEST_SEED = 2**31 - 1


def one_of(default: Any, choices: tuple[Any, ...], help: str = "") -> Any:
    """A field that is one of some values."""
    return dataclasses.field(default=default, metadata={"choices": choices, "help": help})


def number(default: float, low: float, high: float, help: str = "", multiple: int = 1) -> Any:
    """A number from ``low`` to ``high``, both inclusive; of a whole one a multiple of something.

    ``high`` is far beyond what anybody uses and still does no harm.
    """
    bounds = {"low": low, "high": high, "multiple": multiple}
    return dataclasses.field(default=default, metadata={**bounds, "help": help})


def seed_field(help: str = "") -> Any:
    """A field that decides what is drawn at random."""
    return number(0, 0, LARGEST_SEED, help)


def field_types(cls: type) -> Mapping[str, type]:
    """The type of each field: int, float or str; that of a Literal is its values' type."""
    return _field_types(typing.cast(Any, cls))  # mypy takes no class for hashable


def check_fields(settings: Any, group: str = "") -> None:
    """Holds every field against what it was declared with; a whole number becomes a float's.

    Args:
        settings: a dataclass that is being built.
        group: how errors call it, as in ``gate.margin``; "" = the field's name alone will do.

    Raises:
        InputError: a field has the wrong type or a value that is not allowed; names it, its value
            and what would do.
    """
    kinds = field_types(type(settings))
    for field in dataclasses.fields(settings):
        name = f"{group}.{field.name}" if group else field.name
        value = _typed(name, getattr(settings, field.name), kinds[field.name])
        object.__setattr__(settings, field.name, value)
        check_value(name, value, field.metadata)


def check_value(name: str, value: Any, metadata: Mapping[str, Any]) -> None:
    """Holds a value against what a field was declared with.

    Raises:
        InputError: it is not allowed; names it, and what would do.
    """
    choices = metadata.get("choices")
    if choices is not None and value not in choices:
        raise InputError(f"{name} is {value!r}; {_listed(choices)} would do")
    if "low" not in metadata:
        return
    low, high, multiple = metadata["low"], metadata["high"], metadata["multiple"]
    if not low <= value <= high:  # nor is NaN
        word = "a whole number" if isinstance(value, int) else "a number"
        raise InputError(f"{name} is {value}; {word} from {low} to {high} would do")
    if multiple > 1 and value % multiple:
        near = {max(low, value - value % multiple), min(high, value + -value % multiple)}
        such = " or ".join(map(str, sorted(near)))
        raise InputError(f"{name} is {value}; a multiple of {multiple} would do, such as {such}")


def common_bounds(declared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a value may be that several fields take: the metadata of a field of it alone.

    Args:
        declared: the metadata of each.
    """
    first, *others = declared
    bounds = dict(first)
    for metadata in others:
        if "low" in bounds:
            bounds["low"] = max(bounds["low"], metadata["low"])
            bounds["high"] = min(bounds["high"], metadata["high"])
            bounds["multiple"] = math.lcm(bounds["multiple"], metadata["multiple"])
    return bounds


@cache
def _field_types(cls: Any) -> Mapping[str, type]:
    # Hints are texts that are compiled anew each time, and settings are built by the hundred.
    hints = typing.get_type_hints(cls)
    return MappingProxyType(
        {field.name: _plain(hints[field.name]) for field in dataclasses.fields(cls)}
    )


def _plain(hint: typing.Any) -> type:
    return type(typing.get_args(hint)[0]) if typing.get_origin(hint) is typing.Literal else hint


def _typed(name: str, value: Any, kind: type) -> Any:
    """The value as the field's type; an int will do for a float, nothing else is converted."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, kind):
        word = {int: "a whole number", float: "a number", str: "a word"}[kind]
        raise InputError(f"{name} is {value!r}; {word} would do")
    return value


def _listed(choices: tuple[Any, ...]) -> str:
    *most, last = map(str, choices)
    return f"{', '.join(most)} or {last}" if most else last
