"""Settings dataclasses as execution parameters, and back.

A component's parameters are the fields of the frozen settings that its library code takes, one by
one and typed. ML Metadata then holds every setting by name, the compiled pipeline can expose any
of them as a runtime parameter, and the executor validates by building the dataclass again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from tfx.orchestration.data_types import RuntimeParameter
from tfx.types.component_spec import ExecutionParameter

from affectflow.settings import field_types

_PRIMITIVES = (int, float, str)

Text = str | RuntimeParameter
"""A string, or the place of one that only a run knows."""

Number = int | RuntimeParameter
"""The same of a whole number."""

Settings = TypeVar("Settings")


def execution_parameters(*settings: type) -> dict[str, ExecutionParameter]:
    """The execution parameters that carry settings dataclasses.

    Raises:
        TypeError: a field is not an int, float or str, or two dataclasses share a name.
    """
    parameters: dict[str, ExecutionParameter] = {}
    for cls in settings:
        for name, kind in field_types(cls).items():
            if kind not in _PRIMITIVES:
                raise TypeError(f"{cls.__name__}.{name} is {kind}, not an int, float or str")
            if name in parameters:
                raise TypeError(f"{cls.__name__}.{name}: another settings class has that field")
            parameters[name] = ExecutionParameter(type=kind)
    return parameters


def exec_properties(*settings: Any) -> dict[str, Any]:
    """The values of settings instances, by field, each of its field's own type."""
    values: dict[str, Any] = {}
    for instance in settings:
        for name, kind in field_types(type(instance)).items():
            values[name] = kind(getattr(instance, name))
    return values


def settings_from(cls: type[Settings], properties: Mapping[str, Any]) -> Settings:
    """Builds, and so validates, a settings dataclass from execution properties."""
    return cls(**{name: kind(properties[name]) for name, kind in field_types(cls).items()})
