"""What BaselinePredictor takes and gives."""

from __future__ import annotations

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from affectflow.gate import GateSettings
from components.baseline_predictor import executor
from components.latest_release import LatestReleaseDriver
from components.parameters import Text


class BaselinePredictorSpec(ComponentSpec):
    """Ports and parameters."""

    PARAMETERS = {
        "releases": ExecutionParameter(type=str),
        # Of the gate's settings these alone: a higher bound must not score the release again.
        "stage": ExecutionParameter(type=str),
        "outputs": ExecutionParameter(type=str),
        "measure": ExecutionParameter(type=str),
        "tasks": ExecutionParameter(type=str),
        "expressions": ExecutionParameter(type=str),
        "compare": ExecutionParameter(type=str),
        "feature_batch": ExecutionParameter(type=int),
    }
    INPUTS = {"frames": ChannelParameter(type=standard_artifacts.Examples)}
    OUTPUTS = {"predictions": ChannelParameter(type=standard_artifacts.Examples)}


class BaselinePredictor(base_beam_component.BaseBeamComponent):
    """Scores the released model anew where its metrics are not of the data at hand.

    Metrics compare two models only on the same frames and labels, and a corpus that grows changes
    both. So the served SavedModel of the latest release predicts the present eval split; its own
    ``recipe.json`` says how its predictions are smoothed.

    Outputs:
        predictions: `predictions` (schemas/predictions.pbtxt) of the eval split, of the judged
            stage alone. Without any file when there is no release, when its metrics were measured
            on these very frames and labels, or when it does not predict what is judged. Custom
            properties ``release`` (the release looked at; 0 = none) and ``other_faces`` (see
            components.evaluator.baseline).

    Args:
        frames: VideoExampleGen's examples.
        releases: folder of the releases.
        gate: the gate, of which ``stage`` and ``outputs`` are what is predicted, ``measure``,
            ``tasks`` and ``expressions`` say what of the data is evaluated, and ``compare`` whether
            any release is looked at.
        feature_batch: images a call of the network.
    """

    SPEC_CLASS = BaselinePredictorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
    DRIVER_CLASS = LatestReleaseDriver

    def __init__(
        self,
        frames: BaseChannel,
        releases: Text,
        gate: GateSettings,
        feature_batch: int,
    ):
        super().__init__(
            BaselinePredictorSpec(
                frames=frames,
                releases=releases,
                stage=gate.stage,
                outputs=gate.outputs,
                measure=gate.measure,
                tasks=gate.tasks,
                expressions=gate.expressions,
                compare=gate.compare,
                feature_batch=feature_batch,
                predictions=Channel(type=standard_artifacts.Examples),
            )
        )
