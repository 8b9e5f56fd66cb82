"""Settings: frozen dataclasses of flat, plain fields, each declared once by pydantic.

A field's type says what it may be (a ``Literal``: one of some values), ``Field(ge=, le=,
multiple_of=)`` bounds it on both sides, and ``description`` says what it means. The check of a
value, the words of an error, the help of a command and Airflow's form are all of that declaration,
by way of its JSON Schema.
"""

from __future__ import annotations

import functools
import math
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from affectflow.errors import InputError

LARGEST_SEED = 2**31 - 1
TYPES: Mapping[str, type] = {"integer": int, "number": float, "string": str, "boolean": bool}
"""JSON Schema's name of a field's type -> Python's."""

_WORDS = {
    "integer": "a whole number", "number": "a number", "string": "a word",
    "boolean": "true or false",
}  # fmt: skip
_KEPT = ("type", "enum", "minimum", "maximum", "multipleOf", "default", "description")
_CONFIG = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

Schema = Mapping[str, Any]
"""What JSON Schema says of one value: ``type``, ``enum``, ``minimum``, ``maximum`` (inclusive),
``multipleOf``, ``default`` and ``description``, as far as they are declared."""

T = TypeVar("T")


Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
"""What decides what is drawn at random."""


@dataclass_transform(frozen_default=True, field_specifiers=(Field,))
def settings(cls: type[T]) -> type[T]:
    """Makes a class one of settings: frozen, of any value exactly its field's type or an error.

    A whole number will do for a float; nothing else is converted. ``GROUP``, where the class has
    it, is what errors put before a field's name, as in ``gate.margin``.

    Building one raises InputError for a value that will not do; it names the field, the value and
    what would.
    """
    made = dataclass(cls, frozen=True, config=_CONFIG)
    build = made.__init__

    @functools.wraps(build)
    def init(self: Any, *args: Any, **values: Any) -> None:
        try:
            build(self, *args, **values)
        except ValidationError as error:
            raise _refusal(made, error) from None

    made.__init__ = init  # type: ignore[method-assign]
    return typing.cast("type[T]", made)


def schemas(cls: type) -> Mapping[str, Schema]:
    """Field -> its JSON Schema, of a class of settings, in the order of declaration.

    Raises:
        TypeError: a field is of no plain type.
    """
    return _schemas(typing.cast(Any, cls))  # mypy takes no class for hashable


@functools.cache
def _schemas(cls: Any) -> Mapping[str, Schema]:
    properties = TypeAdapter(cls).json_schema()["properties"]
    for name, said in properties.items():
        if said.get("type") not in TYPES:
            raise TypeError(f"{cls.__name__}.{name} is not an int, float, str or bool: {said}")
    return {
        name: {key: said[key] for key in _KEPT if key in said} for name, said in properties.items()
    }


def check_value(name: str, value: Any, schema: Schema) -> Any:
    """Holds a value against a schema; a whole number becomes a float where that is asked for.

    Raises:
        InputError: it is not allowed; names it, and what would do.
    """
    kind = TYPES[schema["type"]]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:  # nor is a bool a number
        raise InputError(f"{name} is {value!r}; {_WORDS[schema['type']]} would do")
    if "enum" in schema and value not in schema["enum"]:
        raise InputError(f"{name} is {value!r}; {_listed(schema['enum'])} would do")
    if "minimum" not in schema:
        return value
    low, high, multiple = schema["minimum"], schema["maximum"], schema.get("multipleOf", 1)
    if not low <= value <= high:  # nor is NaN
        word = _WORDS[schema["type"]]
        raise InputError(f"{name} is {value}; {word} from {low} to {high} would do")
    if multiple > 1 and value % multiple:
        below = value - value % multiple
        near = {max(low, below), min(high, below + multiple)}
        such = " or ".join(map(str, sorted(near)))
        raise InputError(f"{name} is {value}; a multiple of {multiple} would do, such as {such}")
    return value


def value_of(name: str, text: str, schema: Schema) -> Any:
    """The value that a text stands for, of the schema's type; its bounds are not looked at.

    Raises:
        InputError: the text is none of that type.
    """
    try:
        if schema["type"] == "boolean":
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        return TYPES[schema["type"]](text)
    except (KeyError, ValueError):
        raise InputError(f"{name}={text}: {text!r} is not {_WORDS[schema['type']]}") from None


def common_schema(declared: Sequence[Schema]) -> Schema:
    """The schema of a value that several fields take: that of the first, within all bounds."""
    first, *others = declared
    common = dict(first)
    for schema in others:
        if "minimum" in common:
            common["minimum"] = max(common["minimum"], schema["minimum"])
            common["maximum"] = min(common["maximum"], schema["maximum"])
            multiple = math.lcm(common.get("multipleOf", 1), schema.get("multipleOf", 1))
            common |= {"multipleOf": multiple} if multiple > 1 else {}
    return common


def _refusal(cls: Any, error: ValidationError) -> Exception:
    """The error that says what is wrong with the first field that is."""
    first = error.errors()[0]
    place = first["loc"][0]
    name = list(schemas(cls))[place] if isinstance(place, int) else place
    if name not in schemas(cls):  # a keyword that nothing declares
        return TypeError(f"{cls.__name__}: {first['msg'].lower()}: {name!r}")
    group = getattr(cls, "GROUP", "")
    called = f"{group}.{name}" if group else name
    try:
        check_value(called, first["input"], schemas(cls)[name])
    except InputError as refusal:
        return refusal
    return InputError(f"{called} is {first['input']!r}; {first['msg']}")


def _listed(choices: Sequence[Any]) -> str:
    *most, last = map(str, choices)
    return f"{', '.join(most)} or {last}" if most else last
