"""A pipeline's parameters as Airflow's, which refuses bad values before a run exists.

Airflow validates the merged parameters when a run is made, whether by schedule, command line, form
or API. It accepts names that nothing declares, so each task looks for those: unknown_names.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk import Param

from dags.graph import Graph, Parameter
from dags.settings import Settings, SettingsError, option_name


def airflow_params(graph: Graph, settings: Settings) -> dict[str, Param]:
    """Airflow's parameters of a pipeline, by name.

    Raises:
        SettingsError: a setting is no good default, or a scheduled run would lack a value.
    """
    schedule = settings.schedule(graph.recipe) if graph.kind == "rebuild" else None
    params = {}
    for parameter in graph.parameters:
        default = settings.default(graph.recipe, parameter)
        if parameter.required and default == "":
            if schedule is not None:
                wanted = option_name(f"{graph.recipe}_{parameter.name}")
                raise SettingsError(
                    f"{graph.pipeline} runs on schedule {schedule!r}, but nothing says which"
                    f" {parameter.name} to take; set {wanted}"
                )
            params[parameter.name] = Param(**_schema(parameter))
        else:
            params[parameter.name] = Param(default, **_schema(parameter))
    return params


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema = {key: said for key, said in parameter.schema.items() if key != "default"}
    if parameter.required:
        schema["minLength"] = 1
    elif parameter.type == "string" and parameter.default == "":
        # Airflow's form sends null for an emptied field, and demands a text where null is no type.
        schema["type"] = ["null", "string"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    if parameter.section:
        schema["section"] = parameter.section
    return schema


def declared_values(declared: Iterable[Parameter], params: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a run by name, null taken for an empty text."""
    values = {parameter.name: params[parameter.name] for parameter in declared}
    return {name: "" if value is None else value for name, value in values.items()}


def unknown_names(declared: Iterable[Parameter], conf: Mapping[str, Any]) -> str | None:
    """What is wrong with the names in a run's configuration; None: nothing."""
    known = [parameter.name for parameter in declared]
    complaints = []
    for name in conf:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
            complaints.append(f"no parameter {name!r} (given: {conf[name]!r}); {hint}")
    return "; ".join(complaints) or None
