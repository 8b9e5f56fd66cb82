"""What Exporter takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.exporter import class_executor, executor
from components.parameters import Number, Text


class ExporterSpec(ComponentSpec):
    """Ports and parameters."""

    PARAMETERS = {
        "crop_size": ExecutionParameter(type=int),
        "image": ExecutionParameter(type=str),
        "state": ExecutionParameter(type=str),
    }
    INPUTS = {
        "cnn": ChannelParameter(type=standard_artifacts.Model),
        "rnn": ChannelParameter(type=standard_artifacts.Model),
        "transform_graph": ChannelParameter(type=standard_artifacts.TransformGraph),
    }
    OUTPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "tflite": ChannelParameter(type=standard_artifacts.Model),
    }


class Exporter(base_component.BaseComponent):
    """Joins what was trained into the models that are served.

    Outputs:
        model: a SavedModel under ``Format-Serving``, TFX's place for it; see
            affectflow.models.serving.
        tflite: ``model.tflite``, the same a frame at a time; see affectflow.models.tflite.

    Args:
        cnn, rnn: the trainers' models.
        transform_graph: what made the CNN's images.
        crop_size: side of the aligned crops in pixels; TFLite's inputs are of fixed size.
        image: the ImageSettings of the images that the graph makes, as a JSON object.
        state: how the sequence model is run (see PredictSettings).
    """

    SPEC_CLASS = ExporterSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        cnn: BaseChannel,
        rnn: BaseChannel,
        transform_graph: BaseChannel,
        crop_size: Number,
        image: Text,
        state: Text,
    ):
        """Wires the component to the trainers and to Transform's graph."""
        super().__init__(
            ExporterSpec(
                cnn=cnn,
                rnn=rnn,
                transform_graph=transform_graph,
                crop_size=crop_size,
                image=image,
                state=state,
                model=Channel(type=standard_artifacts.Model),
                tflite=Channel(type=standard_artifacts.Model),
            )
        )


class ClassExporterSpec(ComponentSpec):
    """Ports and parameters."""

    PARAMETERS: dict[str, ExecutionParameter] = {}
    INPUTS = {
        "classifier": ChannelParameter(type=standard_artifacts.Model),
        "transform_graph": ChannelParameter(type=standard_artifacts.TransformGraph),
    }
    OUTPUTS = {"model": ChannelParameter(type=standard_artifacts.Model)}


class ClassExporter(base_component.BaseComponent):
    """Joins a classifier and what made its images into the model that is served.

    Outputs:
        model: a SavedModel under ``Format-Serving``; see affectflow.models.class_serving.

    Args:
        classifier: ClassTrainer's model.
        transform_graph: what made its images.
    """

    SPEC_CLASS = ClassExporterSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(class_executor.Executor)

    def __init__(self, classifier: BaseChannel, transform_graph: BaseChannel) -> None:
        super().__init__(
            ClassExporterSpec(
                classifier=classifier,
                transform_graph=transform_graph,
                model=Channel(type=standard_artifacts.Model),
            )
        )
