"""Pusher: a blessed model in, a numbered release out; a refused one leaves a record."""

from __future__ import annotations

from tfx.dsl.components.base import base_component, executor_spec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.types import channel, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.parameters import Text
from components.pusher.executor import Executor


class PusherSpec(ComponentSpec):
    """What the Pusher takes and gives."""

    PARAMETERS = {
        "releases": ExecutionParameter(type=str),
        "recipe": ExecutionParameter(type=str),
        "lineage": ExecutionParameter(type=str),
        "fail_on_refusal": ExecutionParameter(type=int),
    }
    INPUTS = {
        "serving": ChannelParameter(type=standard_artifacts.Model),
        "cnn": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "rnn": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "classifier": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "tflite": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "evaluation": ChannelParameter(type=standard_artifacts.ModelEvaluation),
        "blessing": ChannelParameter(type=standard_artifacts.ModelBlessing),
    }
    OUTPUTS = {"pushed_model": ChannelParameter(type=standard_artifacts.PushedModel)}


class Pusher(base_component.BaseComponent):
    """Writes ``<releases>/<NNNN>/`` when the gate blessed the model.

    TFX's own Pusher names a version by the clock, so a retry pushes twice, and an unblessed model
    leaves no trace of why.

    Outputs:
        pushed_model: custom properties ``pushed`` (1 or 0), ``pushed_destination`` and
            ``pushed_version`` (the release's folder and number), ``unchanged`` (1 when the latest
            release holds these very models already, so none was written), ``manifest_digest``
            (SHA-256 of its ``release.json``, which has the digests of all its files), or
            ``refusal`` (the record of why nothing was pushed).

    Args:
        serving: the served SavedModel; ``model/serving`` in the release.
        evaluation: the Evaluator's; its ``summary.json`` becomes ``metrics.json``.
        blessing: the Evaluator's.
        releases: folder of the releases.
        recipe: JSON object for ``recipe.json``.
        lineage: JSON object for ``lineage.json``; the Pusher adds ``pipeline_run`` and
            ``artifacts`` (input -> uri, id, type and content digest of each).
        cnn, rnn, classifier: models of single stages to release beside it.
        tflite: the served model as a TFLite file, to release beside it.
        fail_on_refusal: 1 = a refused model fails the node with RefusedRelease.
    """

    SPEC_CLASS = PusherSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        serving: channel.BaseChannel,
        evaluation: channel.BaseChannel,
        blessing: channel.BaseChannel,
        releases: Text,
        recipe: Text,
        lineage: Text,
        cnn: channel.BaseChannel | None = None,
        rnn: channel.BaseChannel | None = None,
        classifier: channel.BaseChannel | None = None,
        tflite: channel.BaseChannel | None = None,
        fail_on_refusal: int | RuntimeParameter = 0,
    ) -> None:
        super().__init__(
            PusherSpec(
                serving=serving,
                cnn=cnn,
                rnn=rnn,
                classifier=classifier,
                tflite=tflite,
                evaluation=evaluation,
                blessing=blessing,
                pushed_model=channel.Channel(type=standard_artifacts.PushedModel),
                releases=releases,
                recipe=recipe,
                lineage=lineage,
                fail_on_refusal=fail_on_refusal,
            )
        )
