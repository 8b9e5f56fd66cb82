"""A compiled pipeline: TFX's intermediate representation, and what a scheduler must know of it.

``dags/compiled/<pipeline>.json`` is written by ``affectflow compile`` and committed. Two read it:
the DAGs, which want nodes and parameters and have no TFX, and the node runner, which wants it soon.
So this module imports TFX's protocol buffers and nothing else of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from tfx.proto.orchestration import pipeline_pb2

# The deployment config of the IR is an Any of these messages, which JSON can only hold if known.
from tfx.proto.orchestration import executable_spec_pb2  # noqa: F401  isort: skip

from affectflow.errors import InputError
from pipelines.parameters import Parameter

FORMAT = 2
FOLDER = Path(__file__).parent.parent / "dags" / "compiled"
_AGAIN = "'affectflow compile' writes it anew"


@dataclass(frozen=True)
class Compiled:
    """A pipeline of a recipe, complete but for what a run is told.

    Attributes:
        pipeline: its name, ``<recipe>_rebuild`` or ``<recipe>_release``.
        recipe: the recipe's.
        kind: ``rebuild`` or ``release``.
        description: one line.
        documentation: the recipe's docstring.
        code_version: of all the code that a run's nodes run (see pipelines.node_code).
        parameters: what a run may be told.
        stages: (name, nodes) as the design draws them; every node is in one.
        produces: (asset, node whose end completes it); None for a release.
        started_by: the asset whose renewal starts it; None for a rebuild.
        ir: the pipeline, with a runtime parameter wherever a run decides (see pipelines.bind).
    """

    pipeline: str
    recipe: str
    kind: str
    description: str
    documentation: str
    code_version: str
    parameters: tuple[Parameter, ...]
    stages: tuple[tuple[str, tuple[str, ...]], ...]
    produces: tuple[str, str] | None
    started_by: str | None
    ir: pipeline_pb2.Pipeline

    @property
    def nodes(self) -> tuple[str, ...]:
        """Ids of the nodes in topological order."""
        return tuple(node.pipeline_node.node_info.id for node in self.ir.nodes)

    def to_json(self) -> str:
        """The text of the file; equal for equal pipelines."""
        values: dict[str, Any] = {
            "format": FORMAT,
            "pipeline": self.pipeline,
            "recipe": self.recipe,
            "kind": self.kind,
            "description": self.description,
            "documentation": self.documentation,
            "code_version": self.code_version,
            "parameters": [parameter.as_json() for parameter in self.parameters],
            "stages": [{"name": name, "nodes": list(nodes)} for name, nodes in self.stages],
            "produces": None,
            "started_by": self.started_by,
            "ir": json_format.MessageToDict(self.ir, preserving_proto_field_name=True),
        }
        if self.produces:
            values["produces"] = dict(zip(("asset", "node"), self.produces))
        return json.dumps(values, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str) -> Compiled:
        """The inverse of ``to_json``.

        Args:
            name: what an error calls the text, e.g. its path.

        Raises:
            InputError: not JSON, of another format, or incomplete.
        """
        try:
            values = json.loads(text)
            found = values["format"]
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{name} is not a compiled pipeline ({error}); {_AGAIN}") from error
        if found != FORMAT:
            raise InputError(
                f"{name} is of format {found!r}; this version reads format {FORMAT}; {_AGAIN}"
            )
        try:
            produces = values["produces"]
            return cls(
                **{
                    key: values[key]
                    for key in ("pipeline", "recipe", "kind", "description", "documentation")
                },
                code_version=values["code_version"],
                parameters=tuple(map(Parameter.from_json, values["parameters"])),
                stages=tuple((s["name"], tuple(s["nodes"])) for s in values["stages"]),
                produces=(produces["asset"], produces["node"]) if produces else None,
                started_by=values["started_by"],
                ir=json_format.ParseDict(values["ir"], pipeline_pb2.Pipeline()),
            )
        except (KeyError, TypeError, AttributeError, json_format.ParseError) as error:
            raise InputError(f"{name} is damaged ({error!r}); {_AGAIN}") from error


def load_compiled(pipeline: str, folder: Path = FOLDER) -> Compiled:
    """Reads the compiled form of a pipeline.

    Raises:
        InputError: there is no such file, with the names of those there are, or it is damaged.
    """
    known = sorted(path.stem for path in folder.glob("*.json"))
    if pipeline not in known:
        listed = ", ".join(known) if known else f"none in {folder}"
        raise InputError(
            f"pipeline {pipeline!r} is not compiled; there is {listed};"
            " 'affectflow compile' writes one for every recipe"
        )
    path = folder / f"{pipeline}.json"
    return Compiled.from_json(path.read_text(encoding="utf-8", errors="replace"), str(path))
