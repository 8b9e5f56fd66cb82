"""What the two trainers take and give."""

from __future__ import annotations

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.settings import CnnSettings, FitSettings, RnnSettings
from components.parameters import Number, Text, exec_properties, execution_parameters
from components.trainer import class_executor, frame_executor, sequence_executor

_EXAMPLES = {"examples": ChannelParameter(type=standard_artifacts.Examples)}
_INPUTS = {**_EXAMPLES, "frames": ChannelParameter(type=standard_artifacts.Examples)}
_OUTPUTS = {
    "model": ChannelParameter(type=standard_artifacts.Model),
    "model_run": ChannelParameter(type=standard_artifacts.ModelRun),
}
_PARAMETERS = {
    "training_root": ExecutionParameter(type=str),
    "start_from": ExecutionParameter(type=str),
    "start_digest": ExecutionParameter(type=str),
    "split_seed": ExecutionParameter(type=int),
}


class CnnTrainerSpec(ComponentSpec):
    """Ports and parameters; CnnSettings documents the latter."""

    PARAMETERS = {**_PARAMETERS, **execution_parameters(CnnSettings)}
    INPUTS = {
        **_INPUTS,
        "transform_graph": ChannelParameter(type=standard_artifacts.TransformGraph),
    }
    OUTPUTS = _OUTPUTS


class RnnTrainerSpec(ComponentSpec):
    """Ports and parameters; RnnSettings documents the latter."""

    PARAMETERS = {
        **_PARAMETERS,
        "state": ExecutionParameter(type=str),
        **execution_parameters(RnnSettings),
    }
    INPUTS = _INPUTS
    OUTPUTS = _OUTPUTS


class ClassTrainerSpec(ComponentSpec):
    """Ports and parameters; ClassifierSettings documents the latter."""

    PARAMETERS = {**_PARAMETERS, **execution_parameters(ClassifierSettings)}
    INPUTS = {
        **_EXAMPLES,
        "audio": ChannelParameter(type=standard_artifacts.Examples, optional=True),
    }
    OUTPUTS = _OUTPUTS


class _Trainer(base_component.BaseComponent):
    """What the trainers have in common: their arguments and outputs.

    Outputs:
        model: the Keras model of the best epoch and its settings (affectflow.models.files).
        model_run: TensorBoard logs and ``history.json``.
    """

    def __init__(
        self,
        examples: BaseChannel,
        training_root: Text,
        settings: FitSettings,
        split_seed: Number,
        start_from: Text = "",
        start_digest: Text = "",
        **own: BaseChannel | Text | None,
    ):
        """Wires the component to what it is trained on.

        Args:
            training_root: where an unfinished training keeps its state, from which it goes on.
            split_seed: seed of the split, by which people are held out to judge epochs.
            start_from: folder of the stage whose weights training starts from; "" = new weights.
            start_digest: of that folder (affectflow.release.tree.tree_digest). Other content, as
                of a release that was deleted and made anew, is another training, and is refused by
                a run that began with this one.
            own: inputs and parameters of this trainer alone.
        """
        super().__init__(
            self.SPEC_CLASS(
                examples=examples,
                **own,
                training_root=training_root,
                start_from=start_from,
                start_digest=start_digest,
                split_seed=split_seed,
                **exec_properties(settings),
                model=Channel(type=standard_artifacts.Model),
                model_run=Channel(type=standard_artifacts.ModelRun),
            )
        )


class CnnTrainer(_Trainer):
    """Fits the frame model to Transform's ``transformed_examples``, balanced crops.

    Its input ``frames`` is VideoExampleGen's: who is in them decides who judges the epochs, and
    all labelled frames of those people, by Transform's ``transform_graph``, are what they judge on.
    """

    SPEC_CLASS = CnnTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(frame_executor.Executor)


class RnnTrainer(_Trainer):
    """Fits the sequence model to windows of FeatureExtractor's ``features``.

    Its input ``frames`` is the frame model's, so that the same people judge the epochs; they judge
    by whole runs, with the ``state`` of the predictions (see PredictSettings).
    """

    SPEC_CLASS = RnnTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(sequence_executor.Executor)


class ClassTrainer(_Trainer):
    """Fits a classifier to Transform's ``transformed_examples``.

    Its input ``audio`` is AudioExtractor's, for a network that hears; None for the others.
    """

    SPEC_CLASS = ClassTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(class_executor.Executor)
