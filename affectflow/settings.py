"""What all settings dataclasses have in common: flat fields of plain types."""

from __future__ import annotations

import dataclasses
import typing


def field_types(cls: type) -> dict[str, type]:
    """The type of each field: int, float or str; that of a Literal is its values' type."""
    hints = typing.get_type_hints(cls)
    return {field.name: _plain(hints[field.name]) for field in dataclasses.fields(cls)}


def _plain(hint: typing.Any) -> type:
    return type(typing.get_args(hint)[0]) if typing.get_origin(hint) is typing.Literal else hint
