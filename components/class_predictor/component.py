"""What ClassPredictor takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.class_predictor import executor


class ClassPredictorSpec(ComponentSpec):
    """Ports and parameters."""

    PARAMETERS: dict[str, ExecutionParameter] = {}
    INPUTS = {
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "model": ChannelParameter(type=standard_artifacts.Model),
        "audio": ChannelParameter(type=standard_artifacts.Examples, optional=True),
    }
    OUTPUTS = {"predictions": ChannelParameter(type=standard_artifacts.Examples)}


class ClassPredictor(base_component.BaseComponent):
    """Classifies what the eval split holds.

    Outputs:
        predictions: `predictions` (schemas/predictions.pbtxt) of the eval split, a record a sample:
            an image, or a segment of a clip at its first frame.
    """

    SPEC_CLASS = ClassPredictorSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        examples: BaseChannel,
        model: BaseChannel,
        audio: BaseChannel | None = None,
    ):
        """Wires the component to Transform's ``transformed_examples`` and a ClassTrainer's model.

        Args:
            audio: AudioExtractor's, for a network that hears.
        """
        super().__init__(
            ClassPredictorSpec(
                examples=examples,
                model=model,
                audio=audio,
                predictions=Channel(type=standard_artifacts.Examples),
            )
        )
