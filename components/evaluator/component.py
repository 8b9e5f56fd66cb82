"""Evaluator: predictions in; TFMA's result with ``summary.json``, and the gate's blessing, out."""

from __future__ import annotations

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import channel, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from affectflow.gate import GateSettings
from components.evaluator.executor import Executor
from components.latest_release import LatestReleaseDriver
from components.parameters import Text, exec_properties, execution_parameters


class EvaluatorSpec(ComponentSpec):
    """What the Evaluator takes and gives."""

    PARAMETERS = {
        **execution_parameters(GateSettings),
        "releases": ExecutionParameter(type=str),
    }
    INPUTS = {
        "predictions": ChannelParameter(type=standard_artifacts.Examples),
        "baseline_predictions": ChannelParameter(type=standard_artifacts.Examples, optional=True),
    }
    OUTPUTS = {
        "evaluation": ChannelParameter(type=standard_artifacts.ModelEvaluation),
        "blessing": ChannelParameter(type=standard_artifacts.ModelBlessing),
    }


class Evaluator(base_beam_component.BaseBeamComponent):
    """Measures every stage with TFMA and judges one by the gate.

    Outputs:
        evaluation: what ``tfma.load_eval_result(uri, model_name="rnn")`` reads, ``summary.json``
            (see affectflow.gate.Summary) and ``tallies.jsonl``, the co-moments and the counts of
            classes of each video.
        blessing: custom property ``blessed`` 1 or 0, and a file ``BLESSED`` or ``NOT_BLESSED``,
            as TFX's own Evaluator leaves them.

    Args:
        predictions: Examples with split ``eval``; one tf.train.Example for each frame that has a
            face, with ``corpus``, ``subject_id``, ``video_id``, ``frame_index``, the labels
            ``valence`` and ``arousal`` (absent = not annotated) and ``<stage>_<output>`` (absent =
            NaN, which the gate refuses); and where the settings say so the true class of each
            task and ``<stage>_<task>`` likewise.
        settings: the gate.
        releases: folder of the releases; the latest one is what the model is compared with.
        baseline_predictions: the BaselinePredictor's: that release's own predictions on the same
            frames. Without them, or where they hold none, the model is compared with the release's
            metrics as released, if these were measured on the same data.
    """

    SPEC_CLASS = EvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = LatestReleaseDriver

    def __init__(
        self,
        predictions: channel.BaseChannel,
        settings: GateSettings,
        releases: Text,
        baseline_predictions: channel.BaseChannel | None = None,
    ) -> None:
        super().__init__(
            EvaluatorSpec(
                predictions=predictions,
                baseline_predictions=baseline_predictions,
                evaluation=channel.Channel(type=standard_artifacts.ModelEvaluation),
                blessing=channel.Channel(type=standard_artifacts.ModelBlessing),
                releases=releases,
                **exec_properties(settings),
            )
        )
