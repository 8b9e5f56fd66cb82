"""The code behind the nodes of a compiled pipeline, and its version among their properties.

``code_version`` is settled when the pipeline is compiled; ``environment`` then names the libraries
that the code uses, and gives way to their versions where a node runs (``pipelines.bind``). TFX's
cache sees both.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from tfx.orchestration.local import runner_utils
from tfx.proto.orchestration import executable_spec_pb2, pipeline_pb2

from pipelines.code_version import ROOT, Closure, closure_of
from pipelines.versions import libraries_of

CODE_VERSION = "code_version"
ENVIRONMENT = "environment"
_DOTTED = re.compile(r"[a-z_]+(\.\w+)+")


def write_versions(ir: pipeline_pb2.Pipeline) -> None:
    """Puts ``code_version`` and ``environment`` among the properties of every node that runs code.

    Args:
        ir: changed in place.
    """
    for node in _nodes(ir):
        code = code_of(ir, node.node_info.id)
        if code is None:
            continue
        properties = node.parameters.parameters
        properties[CODE_VERSION].field_value.string_value = code.version()
        properties[ENVIRONMENT].field_value.string_value = " ".join(libraries_of(code))


def code_of(ir: pipeline_pb2.Pipeline, node_id: str, root: Path = ROOT) -> Closure | None:
    """What a node runs: its executor, and the functions that its properties name; None = nothing.

    An Importer runs no code.
    """
    executor = executor_class(ir, node_id)
    if executor is None:
        return None
    node = next(node for node in _nodes(ir) if node.node_info.id == node_id)
    named = {
        text
        for value in node.parameters.parameters.values()
        if _DOTTED.fullmatch(text := value.field_value.string_value)
        and (ROOT / text.partition(".")[0] / "__init__.py").is_file()
    }
    return closure_of([executor, *sorted(named)], root)


def compiled_versions(ir: pipeline_pb2.Pipeline) -> dict[str, str]:
    """Node → the code version that it was compiled with."""
    return {
        node.node_info.id: node.parameters.parameters[CODE_VERSION].field_value.string_value
        for node in _nodes(ir)
        if CODE_VERSION in node.parameters.parameters
    }


def compiled_libraries(ir: pipeline_pb2.Pipeline) -> list[str]:
    """What the nodes together use, as ``environment`` names it before it is bound; sorted."""
    names = {
        name
        for node in _nodes(ir)
        if ENVIRONMENT in node.parameters.parameters
        for name in node.parameters.parameters[ENVIRONMENT].field_value.string_value.split()
    }
    return sorted(names)


def run_version(ir: pipeline_pb2.Pipeline) -> str:
    """One version (16 hex digits) of all that a run of the pipeline runs."""
    lines = (f"{node} {version}\n" for node, version in sorted(compiled_versions(ir).items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def _nodes(ir: pipeline_pb2.Pipeline) -> Iterator[pipeline_pb2.PipelineNode]:
    return (node.pipeline_node for node in ir.nodes)


def executor_class(ir: pipeline_pb2.Pipeline, node_id: str) -> str | None:
    """Dotted name of the class that does a node's work; None for an Importer."""
    deployment = runner_utils.extract_local_deployment_config(ir)
    spec = runner_utils.extract_executor_spec(deployment, node_id)
    if isinstance(spec, executable_spec_pb2.BeamExecutableSpec):
        spec = spec.python_executor_spec
    return spec.class_path if spec is not None else None
