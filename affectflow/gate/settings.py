"""What a recipe asks of a model before it is released."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from affectflow.corpora.classes import EXPRESSION, TASKS
from affectflow.emotions import EMOTIONS
from affectflow.errors import InputError
from affectflow.plane import LABELS
from affectflow.settings import Seed, settings

CLASSIFIER = "classifier"
STAGES = ("cnn", "rnn", CLASSIFIER)


@settings
class GateSettings:
    """Bounds on what one stage reaches; every bound is inclusive.

    Raises:
        InputError: a value that cannot be used; names the field and what would do.
    """

    GROUP: ClassVar[str] = "gate"

    stage: Literal["cnn", "rnn", "classifier"] = Field(
        default="rnn", description="the stage that would serve, and so is judged"
    )
    stages: Literal["cnn,rnn", "cnn", "rnn", "classifier"] = Field(
        default="cnn,rnn", description="the stages whose predictions are measured, by comma"
    )
    outputs: Literal["both", "valence", "arousal", "none"] = Field(
        default="both", description="what the models predict"
    )
    # The published baseline of the Aff-Wild2 validation set, below which there is nothing to
    # release.
    min_ccc_mean: float = Field(
        default=0.22, ge=-1.0, le=1.0, description="of the mean CCC over outputs"
    )
    min_ccc_valence: float = Field(
        default=0.0,
        ge=-1.0,
        le=1.0,
        description="of the valence's CCC; 0 is what a constant reaches",
    )
    min_ccc_arousal: float = Field(default=0.0, ge=-1.0, le=1.0, description="of the arousal's CCC")
    margin: float = Field(
        default=0.02,
        ge=0.0,
        le=2.0,
        description="how far the mean CCC, or the accuracy, may lie under that of the latest"
        " release",
    )
    bootstrap: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="replicates of the interval over videos that is shown beside each figure",
    )
    seed: Seed = Field(default=0, description="of the bootstrap")
    measure: Literal["ccc", "accuracy"] = Field(
        default="ccc",
        description="what is judged: the CCC of the outputs, or the accuracy on the expression",
    )
    tasks: Literal["none", "expression", "all"] = Field(
        default="none",
        description="which classes are measured; of valence and arousal, the expression alone",
    )
    expressions: str = Field(
        default="",
        description="classes of the expression by comma, in an order that decides a vote's ties;"
        " frames of others are left out of the measurement",
    )
    vote: bool = Field(
        default=False,
        description="a video has one vote, the majority over its labelled frames (paper 1); else"
        " every frame counts",
    )
    min_accuracy: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="of the expression; judged where measure is accuracy",
    )
    corpus: str = Field(
        default="",
        description="the corpus whose figures are judged, the others' stand beside; empty = all"
        " frames",
    )
    compare: Literal["latest", "none"] = Field(
        default="latest",
        description="latest: a model must be no worse than the latest release, by margin; none:"
        " the bounds alone count, as for rows of a paper's table, of which none is to follow"
        " another",
    )

    @classmethod
    def of_classifier(
        cls,
        expressions: str,
        min_accuracy: float,
        tasks: Literal["expression", "all"] = "expression",
        corpus: str = "",
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
