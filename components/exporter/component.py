"""What Exporter takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.exporter import executor


class ExporterSpec(ComponentSpec):
    """Ports and parameters."""

    PARAMETERS = {"code_version": ExecutionParameter(type=str)}
    INPUTS = {
        "cnn": ChannelParameter(type=standard_artifacts.Model),
        "rnn": ChannelParameter(type=standard_artifacts.Model),
        "transform_graph": ChannelParameter(type=standard_artifacts.TransformGraph),
    }
    OUTPUTS = {"model": ChannelParameter(type=standard_artifacts.Model)}


class Exporter(base_component.BaseComponent):
    """Joins what was trained into the model that is served (affectflow.models.serving).

    Outputs:
        model: a SavedModel under ``Format-Serving``, TFX's place for it.
    """

    SPEC_CLASS = ExporterSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self, cnn: BaseChannel, rnn: BaseChannel, transform_graph: BaseChannel, code_version: str
    ):
        """Wires the component to the trainers and to Transform's graph."""
        super().__init__(
            ExporterSpec(
                cnn=cnn,
                rnn=rnn,
                transform_graph=transform_graph,
                code_version=code_version,
                model=Channel(type=standard_artifacts.Model),
            )
        )
