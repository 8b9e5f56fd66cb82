"""What Predictor takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec

from components.parameters import exec_properties, execution_parameters
from components.predictor import executor
from components.predictor.settings import PredictSettings


class PredictorSpec(ComponentSpec):
    """Ports and parameters; PredictSettings documents the latter."""

    PARAMETERS = {
        **execution_parameters(PredictSettings),
    }
    INPUTS = {
        "features": ChannelParameter(type=standard_artifacts.Examples),
        "cnn": ChannelParameter(type=standard_artifacts.Model),
        "rnn": ChannelParameter(type=standard_artifacts.Model),
    }
    OUTPUTS = {"predictions": ChannelParameter(type=standard_artifacts.Examples)}


class Predictor(base_beam_component.BaseBeamComponent):
    """Predicts every frame that has a face, by the CNN alone and by CNN and RNN.

    Outputs:
        predictions: `predictions` (schemas/predictions.pbtxt) of the eval split.
    """

    SPEC_CLASS = PredictorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

    def __init__(
        self,
        features: BaseChannel,
        cnn: BaseChannel,
        rnn: BaseChannel,
        settings: PredictSettings,
    ):
        """Wires the component to FeatureExtractor's features and both models."""
        super().__init__(
            PredictorSpec(
                features=features,
                cnn=cnn,
                rnn=rnn,
                **exec_properties(settings),
                predictions=Channel(type=standard_artifacts.Examples),
            )
        )
