"""Settings as execution parameters, and back.

A component's parameters are the fields of the frozen settings that its library code takes, one by
one and typed. ML Metadata then holds every setting by name, the compiled pipeline can expose any
of them as a runtime parameter, and the executor validates by building them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from tfx.orchestration.data_types import RuntimeParameter
from tfx.types.component_spec import ExecutionParameter

from affectflow.settings import TYPES, schemas

Text = str | RuntimeParameter
"""A string, or the place of one that only a run knows."""

Number = int | RuntimeParameter
"""The same of a whole number."""

Settings = TypeVar("Settings")

# ML Metadata and a compiled pipeline hold true and false as 1 and 0.
_CARRIED: dict[type, type] = {int: int, float: float, str: str, bool: int}


def execution_parameters(*settings: type) -> dict[str, ExecutionParameter]:
    """The execution parameters that carry classes of settings.

    Raises:
        TypeError: two of them share a name.
    """
    parameters: dict[str, ExecutionParameter] = {}
    for cls in settings:
        for name, schema in schemas(cls).items():
            if name in parameters:
                raise TypeError(f"{cls.__name__}.{name}: another settings class has that field")
            parameters[name] = ExecutionParameter(type=_CARRIED[TYPES[schema["type"]]])
    return parameters


def exec_properties(*settings: Any) -> dict[str, Any]:
    """The values of settings instances, by field, as execution properties carry them."""
    return {
        name: _CARRIED[TYPES[schema["type"]]](getattr(instance, name))
        for instance in settings
        for name, schema in schemas(type(instance)).items()
    }


def settings_from(cls: type[Settings], properties: Mapping[str, Any]) -> Settings:
    """Builds, and so validates, settings from execution properties."""
    return cls(
        **{name: TYPES[schema["type"]](properties[name]) for name, schema in schemas(cls).items()}
    )
