"""Settings of the control plane: section [affectflow] of Airflow's own configuration.

Each may also be an environment variable, as in AIRFLOW__AFFECTFLOW__WORKSPACE.
"""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from dags.graph import Graph, Parameter

SECTION = "affectflow"
EXECUTIONS = ("process", "kubernetes")
REPOSITORY = Path(__file__).resolve().parents[1]


def option_name(option: str) -> str:
    """How messages name an option; Airflow's tables would take [affectflow] for a colour."""
    return f"{SECTION}.{option}"


class SettingsError(ValueError):
    """A setting cannot be used; the message names the option, its value and what would do."""


@dataclass(frozen=True)
class Kubernetes:
    """Where pods run, with execution = kubernetes; option names are these with `kubernetes_`.

    Attributes:
        image: holds the worker environment and this repository, which is its working folder.
        volume_claim: name of the claim of the volume that is mounted as the workspace.
        namespace: of the pods.
        secret: name of the secret with AFFECTFLOW_METADATA and AFFECTFLOW_METADATA_PASSWORD;
            "" for SQLite in the workspace.
        service_account: of the pods; "" for the namespace's default.
    """

    image: str
    volume_claim: str
    namespace: str = "default"
    secret: str = ""
    service_account: str = ""


@dataclass(frozen=True)
class Settings:
    """What an operator of the system decides.

    Attributes:
        workspace: absolute; where runs leave what they make, as nodes see it.
        worker_python: the worker environment's interpreter.
        execution: one of EXECUTIONS.
        beam_options: handed to every node.
        report_url: address under which <workspace>/reports is served; "" for Airflow's own.
        kubernetes: with execution = kubernetes.
        given: every option of the section, by name.
    """

    workspace: PurePosixPath
    worker_python: str
    execution: str
    beam_options: tuple[str, ...]
    report_url: str
    kubernetes: Kubernetes | None
    given: Mapping[str, str]

    def schedule(self, recipe: str) -> str | None:
        """The cron expression on which a recipe's rebuild runs; None: by hand only."""
        return self.given.get(f"{recipe}_schedule", self.given.get("schedule", "")).strip() or None

    def default(self, recipe: str, parameter: Parameter) -> Any:
        """A parameter's default: the recipe's setting, the general one, or what was compiled.

        Raises:
            SettingsError: the setting is not of the parameter's type or out of its bounds.
        """
        for option in _options_of(recipe, parameter):
            if option in self.given:
                return _value(option, self.given[option], parameter)
        return parameter.default


_GENERAL = ("workspace", "worker_python", "execution", "schedule", "beam_options", "report_url")
_KUBERNETES = tuple(f"kubernetes_{field.name}" for field in fields(Kubernetes))


def read_settings(given: Mapping[str, str]) -> Settings:
    """Settings from the options of the section, by name.

    Raises:
        SettingsError: an option is missing or cannot be used.
    """
    given = {name.lower(): value for name, value in given.items()}
    execution = given.get("execution", "process").strip()
    if execution not in EXECUTIONS:
        raise _error("execution", execution, f"give {' or '.join(EXECUTIONS)}")
    workspace = given.get("workspace", "").strip()
    if not PurePosixPath(workspace).is_absolute():
        raise _error(
            "workspace", workspace, "give the absolute path of a folder for what runs make"
        )
    try:
        beam_options = tuple(shlex.split(given.get("beam_options", "")))
    except ValueError as error:
        raise _error(
            "beam_options", given["beam_options"], f"give options as in a shell ({error})"
        ) from error
    for option in beam_options:
        if not option.startswith("--"):
            raise _error("beam_options", option, "give each as --name=value")
    # In an image the environment is the one on PATH; here it is the one that `make .venv` made.
    python = str(REPOSITORY / ".venv/bin/python") if execution == "process" else "python"
    return Settings(
        workspace=PurePosixPath(workspace),
        worker_python=given.get("worker_python", "").strip() or python,
        execution=execution,
        beam_options=beam_options,
        report_url=_url(given.get("report_url", "").strip()),
        kubernetes=_kubernetes(given) if execution == "kubernetes" else None,
        given=given,
    )


def unknown_options(settings: Settings, graphs: Iterable[Graph]) -> list[SettingsError]:
    """An error for each option of the section that means nothing."""
    known = {*_GENERAL, *_KUBERNETES}
    for graph in graphs:
        known.add(f"{graph.recipe}_schedule")
        for parameter in graph.parameters:
            known.update(_options_of(graph.recipe, parameter))
    errors = []
    for option in sorted(settings.given.keys() - known):
        close = difflib.get_close_matches(option, sorted(known), 1)
        advice = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(sorted(known))}"
        errors.append(_error(option, settings.given[option], f"no such option; {advice}"))
    return errors


def read_airflow_settings() -> Settings:
    """Settings of the Airflow that this process belongs to.

    Raises:
        SettingsError: an option is missing or cannot be used.
    """
    # The task SDK's conf: airflow.configuration is the scheduler's and not meant for DAG files.
    from airflow.sdk.configuration import conf

    # Not conf.getsection: it overlooks a section that only the environment has, and turns a text
    # that looks like a number into one.
    prefix = f"AIRFLOW__{SECTION.upper()}__"
    options = {name[len(prefix) :].lower() for name in os.environ if name.startswith(prefix)}
    if conf.has_section(SECTION):
        options.update(conf.options(SECTION))
    return read_settings({option: conf.get(SECTION, option) for option in options})


def _options_of(recipe: str, parameter: Parameter) -> tuple[str, ...]:
    # A dot cannot be part of an environment variable's name.
    if "." in parameter.name:
        return ()
    return (f"{recipe}_{parameter.name}".lower(), parameter.name.lower())


def _value(option: str, text: str, parameter: Parameter) -> Any:
    value: Any = text
    try:
        if parameter.type == "boolean":
            value = {"true": True, "false": False}[text.strip().lower()]
        elif parameter.type == "integer":
            value = int(text)
        elif parameter.type == "number":
            value = float(text)
    except (KeyError, ValueError):
        wanted = {"boolean": "true or false", "integer": "an integer"}.get(
            parameter.type, "a number"
        )
        raise _error(option, text, f"give {wanted}") from None
    schema = parameter.schema
    if "enum" in schema and value not in schema["enum"]:
        raise _error(option, text, f"give one of {', '.join(map(str, schema['enum']))}")
    if "minimum" in schema and value < schema["minimum"]:
        raise _error(option, text, f"give {schema['minimum']} or more")
    if "maximum" in schema and value > schema["maximum"]:
        raise _error(option, text, f"give {schema['maximum']} or less")
    if "multipleOf" in schema and value % schema["multipleOf"]:
        raise _error(option, text, f"give a multiple of {schema['multipleOf']}")
    return value


def _kubernetes(given: Mapping[str, str]) -> Kubernetes:
    values = {
        field.name: given.get(f"kubernetes_{field.name}", "").strip()
        for field in fields(Kubernetes)
    }
    for name, what in (("image", "an image"), ("volume_claim", "a persistent volume claim")):
        if not values[name]:
            raise _error(
                f"kubernetes_{name}", "", f"execution = kubernetes needs the name of {what}"
            )
    return Kubernetes(**{name: value for name, value in values.items() if value})


def _url(url: str) -> str:
    # A link on a page: javascript: and the like are not for here.
    if url and not url.startswith(("http://", "https://", "/")):
        raise _error("report_url", url, "give an address that starts with http://, https:// or /")
    return url.rstrip("/")


def _error(option: str, value: str, advice: str) -> SettingsError:
    return SettingsError(f"{option_name(option)} = {value!r}: {advice}")
