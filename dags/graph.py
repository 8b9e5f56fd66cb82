"""Compiled pipelines read into a neutral graph; knows neither Airflow nor TFX."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

FORMAT = 2
KINDS = ("rebuild", "release")
# JSON Schema's names, and the Python types that JSON gives for them.
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
COMPILED = Path(__file__).resolve().parent / "compiled"
_REMEDY = "run 'affectflow compile'"


class CompiledError(ValueError):
    """A compiled pipeline cannot be used; the message names the file, why, and what would do."""


@dataclass(frozen=True)
class Parameter:
    """A value that a run may be given.

    Attributes:
        name: may hold a dot, as in `cnn.epochs`.
        schema: JSON Schema's: type, default, description, and where there are any enum, minimum,
            maximum and multipleOf.
        required: the run must name a value.
        section: heading under which a form folds it away; "" for those that everyone uses.
    """

    name: str
    schema: Mapping[str, Any]
    required: bool
    section: str

    @property
    def type(self) -> str:
        """One of TYPES."""
        return str(self.schema["type"])

    @property
    def default(self) -> Any:
        """Of that type; "" where required."""
        return self.schema["default"]


@dataclass(frozen=True)
class Node:
    """A step of the pipeline.

    Attributes:
        id: unique within the pipeline.
        type: dotted name of the component's class.
        upstream: ids of the nodes that must be done before.
    """

    id: str
    type: str
    upstream: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Last segment of the type, such as CnnTrainer."""
        return self.type.rpartition(".")[2]


@dataclass(frozen=True)
class Stage:
    """Nodes that a graph view shows as one box."""

    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Produced:
    """The asset that a pipeline makes, and the node that completes it."""

    asset: str
    node: str


@dataclass(frozen=True)
class Graph:
    """A compiled pipeline, without its TFX details.

    Attributes:
        pipeline: its name.
        recipe: name of the recipe.
        kind: one of KINDS.
        description: one line.
        documentation: plain text.
        code_version: of the code that compiled it.
        parameters: in the order in which a form shows them.
        stages: in the order of the design; every node is in exactly one.
        nodes: in the order of the compiled file.
        produces: the asset made, of a rebuild.
        started_by: name of the asset whose renewal starts it, of a release.
    """

    pipeline: str
    recipe: str
    kind: str
    description: str
    documentation: str
    code_version: str
    parameters: tuple[Parameter, ...]
    stages: tuple[Stage, ...]
    nodes: tuple[Node, ...]
    produces: Produced | None
    started_by: str | None


def compiled_files(folder: Path) -> list[Path]:
    """The compiled pipelines' files, by name.

    Raises:
        CompiledError: there is no such folder, or it holds no JSON file.
    """
    if not folder.is_dir():
        raise CompiledError(f"{folder}: no such folder of compiled pipelines; {_REMEDY}")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise CompiledError(f"{folder}: holds no compiled pipeline (*.json); {_REMEDY}")
    return files


def incomplete_recipes(graphs: Mapping[Path, Graph]) -> list[CompiledError]:
    """What is missing or at odds between the two pipelines of each recipe."""
    errors = []
    by_recipe: dict[str, dict[str, tuple[Path, Graph]]] = {}
    for path, graph in graphs.items():
        by_recipe.setdefault(graph.recipe, {})[graph.kind] = (path, graph)
    for recipe, kinds in by_recipe.items():
        for missing in [kind for kind in KINDS if kind not in kinds]:
            path, graph = next(iter(kinds.values()))
            errors.append(
                CompiledError(
                    f"{path}: the {graph.kind} of recipe '{recipe}' is compiled"
                    f" but its {missing} is not; {_REMEDY}"
                )
            )
        if len(kinds) < len(KINDS):
            continue
        made = kinds["rebuild"][1].produces
        path, release = kinds["release"]
        if (made.asset if made else None) != release.started_by:
            errors.append(
                CompiledError(
                    f"{path}: started_by is {release.started_by!r}, but the rebuild of recipe"
                    f" '{recipe}' produces {made.asset if made else None!r}; {_REMEDY}"
                )
            )
    return errors


def read_graph(path: Path) -> Graph:
    """The graph of one compiled pipeline.

    Raises:
        CompiledError: the file cannot be read, is no compiled pipeline of this format, or names
            nodes that are not there.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CompiledError(f"{path}: cannot be read ({error.strerror}); {_REMEDY}") from error
    except ValueError as error:  # also undecodable bytes
        raise CompiledError(f"{path}: is not JSON ({error}); {_REMEDY}") from error
    try:
        return _graph(content, path.stem)
    except KeyError as error:
        raise CompiledError(f"{path}: lacks {error.args[0]!r}; {_REMEDY}") from error
    except (AttributeError, TypeError) as error:
        raise CompiledError(f"{path}: is not laid out as expected ({error}); {_REMEDY}") from error
    except CompiledError as error:
        raise CompiledError(f"{path}: {error}; {_REMEDY}") from error


def _graph(content: Mapping[str, Any], stem: str) -> Graph:
    if not isinstance(content, dict):
        raise CompiledError(f"holds a {type(content).__name__} where an object is due")
    if content["format"] != FORMAT:
        raise CompiledError(f"has format {content['format']!r}, and this code reads {FORMAT}")
    if content["pipeline"] != stem:
        raise CompiledError(f"holds pipeline {content['pipeline']!r}, not the one it is named for")
    if content["kind"] not in KINDS:
        raise CompiledError(f"kind is {content['kind']!r}, not {' or '.join(KINDS)}")
    nodes = tuple(_node(entry["pipeline_node"]) for entry in content["ir"]["nodes"])
    stages = tuple(Stage(entry["name"], tuple(entry["nodes"])) for entry in content["stages"])
    produces = content["produces"]
    graph = Graph(
        pipeline=content["pipeline"],
        recipe=content["recipe"],
        kind=content["kind"],
        description=content["description"],
        documentation=content["documentation"],
        code_version=content["code_version"],
        parameters=tuple(_parameter(entry) for entry in content["parameters"]),
        stages=stages,
        nodes=nodes,
        produces=Produced(produces["asset"], produces["node"]) if produces else None,
        started_by=content["started_by"],
    )
    _check_nodes(graph)
    _check_stages(graph)
    return graph


def _node(entry: Mapping[str, Any]) -> Node:
    info = entry["node_info"]
    # Protobuf's JSON leaves an empty list out.
    return Node(info["id"], info["type"]["name"], tuple(entry.get("upstream_nodes", ())))


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    parameter = Parameter(entry["name"], entry["schema"], entry["required"], entry["section"])
    for wanted in ("type", "default", "description"):
        if wanted not in parameter.schema:
            raise CompiledError(f"parameter {parameter.name!r} has no {wanted}")
    if parameter.type not in TYPES:
        raise CompiledError(
            f"parameter {parameter.name!r} has type {parameter.type!r}, not one of"
            f" {', '.join(TYPES)}"
        )
    return parameter


def _check_nodes(graph: Graph) -> None:
    ids = [node.id for node in graph.nodes]
    if not ids:
        raise CompiledError("has no nodes")
    for node in graph.nodes:
        if ids.count(node.id) > 1:
            raise CompiledError(f"has more than one node {node.id!r}")
        for upstream in node.upstream:
            if upstream not in ids:
                raise CompiledError(
                    f"node {node.id!r} comes after {upstream!r},"
                    f" which is no node{_near(upstream, ids)}"
                )
    try:
        TopologicalSorter({node.id: node.upstream for node in graph.nodes}).prepare()
    except CycleError as error:
        raise CompiledError(f"has a cycle: {' -> '.join(error.args[1])}") from error
    if graph.produces and graph.produces.node not in ids:
        maker = graph.produces.node
        raise CompiledError(f"asset made by {maker!r}, which is no node{_near(maker, ids)}")


def _check_stages(graph: Graph) -> None:
    ids = {node.id for node in graph.nodes}
    placed: dict[str, str] = {}
    for stage in graph.stages:
        if stage.name in ids:
            # Airflow keeps one namespace for tasks and groups.
            raise CompiledError(f"stage {stage.name!r} is named as a node is")
        for node in stage.nodes:
            if node not in ids:
                raise CompiledError(
                    f"stage {stage.name!r} holds {node!r}, which is no node{_near(node, ids)}"
                )
            if node in placed:
                raise CompiledError(
                    f"node {node!r} is in stages {placed[node]!r} and {stage.name!r}"
                )
            placed[node] = stage.name
    if homeless := [node.id for node in graph.nodes if node.id not in placed]:
        raise CompiledError(f"nodes in no stage: {', '.join(homeless)}")


def _near(name: str, names: Any) -> str:
    close = difflib.get_close_matches(name, list(names), 1)
    return f" (there is {close[0]!r})" if close else ""
