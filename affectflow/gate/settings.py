"""What a recipe asks of a model before it is released."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from affectflow.corpora.classes import EXPRESSION, TASKS
from affectflow.emotions import EMOTIONS
from affectflow.errors import InputError
from affectflow.records.predictions import LABELS

CLASSIFIER = "classifier"
STAGES = ("cnn", "rnn", CLASSIFIER)
_STAGE_CHOICES = ("cnn,rnn", "cnn", "rnn", CLASSIFIER)
_OUTPUT_CHOICES = ("both", *LABELS, "none")
_MEASURES = ("ccc", "accuracy")
_TASK_CHOICES = ("none", EXPRESSION, "all")
_COMPARE_CHOICES = ("latest", "none")
_CHOICES = {
    "stage": STAGES,
    "stages": _STAGE_CHOICES,
    "outputs": _OUTPUT_CHOICES,
    "measure": _MEASURES,
    "tasks": _TASK_CHOICES,
    "vote": (0, 1),
    "compare": _COMPARE_CHOICES,
}


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

    stage: str = field(default="rnn", metadata={"choices": STAGES})
    stages: str = field(default="cnn,rnn", metadata={"choices": _STAGE_CHOICES})
    outputs: str = field(default="both", metadata={"choices": _OUTPUT_CHOICES})
    min_ccc_mean: float = 0.22
    min_ccc_valence: float = 0.0
    min_ccc_arousal: float = 0.0
    margin: float = 0.02
    bootstrap: int = 1000
    seed: int = 0
    measure: str = field(default="ccc", metadata={"choices": _MEASURES})
    tasks: str = field(default="none", metadata={"choices": _TASK_CHOICES})
    expressions: str = ""
    vote: int = field(default=0, metadata={"choices": _CHOICES["vote"]})
    min_accuracy: float = 0.0
    corpus: str = ""
    compare: str = field(default="latest", metadata={"choices": _COMPARE_CHOICES})

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
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(
                    f"gate.{name} is {getattr(self, name)!r};"
                    f" one of {', '.join(map(str, choices))} would do"
                )
        if self.stage not in self.stage_names:
            raise InputError(
                f"gate.stage is {self.stage!r}, which gate.stages={self.stages!r} does not measure"
            )
        self._check_numbers()
        self._check_what_is_measured()

    def _check_numbers(self) -> None:
        for name in ("min_ccc_mean", "min_ccc_valence", "min_ccc_arousal"):
            if not -1.0 <= getattr(self, name) <= 1.0:
                raise InputError(
                    f"gate.{name} is {getattr(self, name)}; a CCC from -1 to 1 would do"
                )
        if not 0.0 <= self.min_accuracy <= 1.0:
            raise InputError(
                f"gate.min_accuracy is {self.min_accuracy}; a share from 0 to 1 would do"
            )
        if not (self.margin >= 0.0 and math.isfinite(self.margin)):
            raise InputError(f"gate.margin is {self.margin}; 0 or a small positive number would do")
        if self.bootstrap < 1:
            raise InputError(f"gate.bootstrap is {self.bootstrap}; 1 or more would do")
        if self.seed < 0:
            raise InputError(f"gate.seed is {self.seed}; 0 or more would do")

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
