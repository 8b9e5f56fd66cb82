"""What a recipe asks of a model before it is released."""

from __future__ import annotations

from dataclasses import dataclass

from affectflow.corpora.classes import EXPRESSION, TASKS
from affectflow.emotions import EMOTIONS
from affectflow.errors import InputError
from affectflow.plane import LABELS
from affectflow.settings import check_fields, number, one_of, seed_field

CLASSIFIER = "classifier"
STAGES = ("cnn", "rnn", CLASSIFIER)
_STAGE_CHOICES = ("cnn,rnn", "cnn", "rnn", CLASSIFIER)
_OUTPUT_CHOICES = ("both", *LABELS, "none")
_MEASURES = ("ccc", "accuracy")
_TASK_CHOICES = ("none", EXPRESSION, "all")
_COMPARE_CHOICES = ("latest", "none")


@dataclass(frozen=True)
class GateSettings:
    """Bounds on what one stage reaches; every bound is inclusive.

    Attributes:
        stage: the stage that would serve, and so is judged.
        stages: the stages whose predictions are measured, comma-separated.
        outputs: what the models predict.
        min_ccc_mean: of the mean over outputs. The default is the published baseline of the
            Aff-Wild2 validation set (.22), below which there is nothing to release.
        min_ccc_valence, min_ccc_arousal: of each output; 0 is what a constant reaches.
        margin: how far the mean CCC, or the accuracy, may lie under that of the latest release.
        bootstrap: replicates of the interval over videos that is shown beside each figure.
        seed: of the bootstrap.
        measure: what is judged: the CCC of the outputs, or the accuracy on the expression.
        tasks: which classes are measured. Of valence and arousal the expression alone can be.
        expressions: classes of the expression by comma, in an order that decides a vote's ties;
            frames of others are left out of the measurement.
        vote: 1 = a video has one vote, the majority over its labelled frames (paper 1); 0 = every
            frame counts.
        min_accuracy: of the expression; judged where measure is accuracy.
        corpus: the corpus whose figures are judged; empty = all frames. The others' stand beside.
        compare: ``latest`` = a model must be no worse than the latest release, by ``margin``;
            ``none`` = the bounds alone count, as for rows of a paper's table, of which none is to
            follow another.

    Raises:
        InputError: a value that cannot be used; names the field and what would do.
    """

    stage: str = one_of("rnn", STAGES)
    stages: str = one_of("cnn,rnn", _STAGE_CHOICES)
    outputs: str = one_of("both", _OUTPUT_CHOICES)
    min_ccc_mean: float = number(0.22, -1.0, 1.0)
    min_ccc_valence: float = number(0.0, -1.0, 1.0)
    min_ccc_arousal: float = number(0.0, -1.0, 1.0)
    margin: float = number(0.02, 0.0, 2.0)
    bootstrap: int = number(1000, 1, 100_000)
    seed: int = seed_field()
    measure: str = one_of("ccc", _MEASURES)
    tasks: str = one_of("none", _TASK_CHOICES)
    expressions: str = ""
    vote: int = one_of(0, (0, 1))
    min_accuracy: float = number(0.0, 0.0, 1.0)
    corpus: str = ""
    compare: str = one_of("latest", _COMPARE_CHOICES)

    @classmethod
    def of_classifier(
        cls, expressions: str, min_accuracy: float, tasks: str = "expression", corpus: str = ""
    ) -> GateSettings:
        """The gate of a classifier, which is judged by its accuracy on the expression."""
        return cls(
            stage="classifier",
            stages="classifier",
            outputs="none",
            measure="accuracy",
            tasks=tasks,
            expressions=expressions,
            min_accuracy=min_accuracy,
            corpus=corpus,
        )

    def __post_init__(self) -> None:
        check_fields(self, "gate")
        if self.stage not in self.stage_names:
            raise InputError(
                f"gate.stage is {self.stage!r}, which gate.stages={self.stages!r} does not measure"
            )
        self._check_what_is_measured()

    def _check_what_is_measured(self) -> None:
        named = self.expressions.split(",")
        unknown = any(name not in TASKS[EXPRESSION] for name in named)
        if (self.tasks != "none" or self.expressions) and (
            unknown or len(set(named)) != len(named) or len(named) < 2
        ):
            raise InputError(
                f"gate.expressions is {self.expressions!r}; two or more different ones of"
                f" {', '.join(TASKS[EXPRESSION])}, joined by commas, would do"
            )
        if self.measure == "accuracy" and self.tasks == "none":
            raise InputError(
                "gate.tasks is 'none', of which gate.measure='accuracy' has nothing to judge;"
                " expression or all would do"
            )
        if self.measure == "ccc" and self.outputs == "none":
            raise InputError(
                "gate.outputs is 'none', which has no CCC; gate.measure='accuracy' would do"
            )
        if (self.stage == CLASSIFIER) != (self.outputs == "none"):
            would = "none" if self.stage == CLASSIFIER else f"one of both, {', '.join(LABELS)}"
            raise InputError(
                f"gate.outputs is {self.outputs!r}, which is not what stage {self.stage} predicts;"
                f" {would} would do"
            )
        if self.stage != CLASSIFIER and self.tasks == "all":
            raise InputError(
                f"gate.tasks is 'all', but of stage {self.stage} the expression alone follows;"
                " expression or none would do"
            )
        if self.stage != CLASSIFIER and self.tasks != "none" and self.outputs != "both":
            raise InputError(
                f"gate.outputs is {self.outputs!r}, from which no expression follows (gate.tasks is"
                f" {self.tasks!r}); both would do"
            )

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The measured stages."""
        return tuple(self.stages.split(","))

    @property
    def output_names(self) -> tuple[str, ...]:
        """The predicted outputs."""
        if self.outputs == "none":
            return ()
        return LABELS if self.outputs == "both" else (self.outputs,)

    @property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        """Task -> the classes that are measured; samples of another true class do not count."""
        if self.tasks == "none":
            return {}
        names = {EXPRESSION: tuple(self.expressions.split(","))}
        if self.tasks == "all":
            names |= {task: classes for task, classes in TASKS.items() if task != EXPRESSION}
        return names

    @property
    def countable_names(self) -> dict[str, tuple[str, ...]]:
        """Task -> what a prediction may be: the measured classes first, then other emotions.

        A point of the plane lies nearest to any emotion of paper 1's Table 2, those that a corpus
        does not have among them. Such a prediction is wrong; it is not missing.
        """
        return {
            task: names
            + tuple(name for name in EMOTIONS if task == EXPRESSION and name not in names)
            for task, names in self.class_names.items()
        }

    def minimum(self, output: str) -> float:
        """The bound on one output's CCC."""
        return self.min_ccc_valence if output == "valence" else self.min_ccc_arousal
