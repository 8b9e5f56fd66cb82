"""Compiles a pipeline to TFX's intermediate representation."""

from __future__ import annotations

from tfx.dsl.compiler import compiler
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.proto.orchestration import pipeline_pb2


def compile_pipeline(pipeline: tfx_pipeline.Pipeline) -> pipeline_pb2.Pipeline:
    """The pipeline as IR: nodes in topological order, with their specs and channels."""
    return compiler.Compiler().compile(pipeline)
