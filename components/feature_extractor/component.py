"""What FeatureExtractor takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec

from components.feature_extractor import executor
from components.feature_extractor.settings import FeatureSettings
from components.parameters import exec_properties, execution_parameters


class FeatureExtractorSpec(ComponentSpec):
    """Ports and parameters; FeatureSettings documents the latter."""

    PARAMETERS = {
        **execution_parameters(FeatureSettings),
    }
    INPUTS = {
        "frames": ChannelParameter(type=standard_artifacts.Examples),
        "transform_graph": ChannelParameter(type=standard_artifacts.TransformGraph),
        "model": ChannelParameter(type=standard_artifacts.Model),
    }
    OUTPUTS = {"features": ChannelParameter(type=standard_artifacts.Examples)}


class FeatureExtractor(base_beam_component.BaseBeamComponent):
    """Runs the frame model over all frames, balanced away or not, once.

    Outputs:
        features: `features` (schemas/features.pbtxt), a file a clip, a record a gap-free run.
    """

    SPEC_CLASS = FeatureExtractorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

    def __init__(
        self,
        frames: BaseChannel,
        transform_graph: BaseChannel,
        model: BaseChannel,
        settings: FeatureSettings,
    ):
        """Wires the component to VideoExampleGen's frames, Transform's graph and a frame model."""
        super().__init__(
            FeatureExtractorSpec(
                frames=frames,
                transform_graph=transform_graph,
                model=model,
                **exec_properties(settings),
                features=Channel(type=standard_artifacts.Examples),
            )
        )
