"""What a recipe asks of a model before it is released."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from affectflow.errors import InputError
from affectflow.records.predictions import LABELS

STAGES = ("cnn", "rnn")
_OUTPUT_CHOICES = ("both", *LABELS)
_STAGE_CHOICES = ("cnn,rnn", "cnn", "rnn")


@dataclass(frozen=True)
class GateSettings:
    """Bounds on the pooled CCC of one stage; every bound is inclusive.

    Attributes:
        stage: the stage that would serve, and so is judged.
        stages: the stages whose predictions are measured, comma-separated.
        outputs: what the models predict.
        min_ccc_mean: of the mean over outputs. The default is the published baseline of the
            Aff-Wild2 validation set (.22), below which there is nothing to release.
        min_ccc_valence, min_ccc_arousal: of each output; 0 is what a constant reaches.
        margin: how far the mean CCC may lie under that of the latest release.
        bootstrap: replicates of the interval over videos that is shown beside each CCC.
        seed: of the bootstrap.

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

    def __post_init__(self) -> None:
        for name, choices in (
            ("stage", STAGES),
            ("stages", _STAGE_CHOICES),
            ("outputs", _OUTPUT_CHOICES),
        ):
            if getattr(self, name) not in choices:
                raise InputError(
                    f"gate.{name} is {getattr(self, name)!r}; one of {', '.join(choices)} would do"
                )
        if self.stage not in self.stage_names:
            raise InputError(
                f"gate.stage is {self.stage!r}, which gate.stages={self.stages!r} does not measure"
            )
        for name in ("min_ccc_mean", "min_ccc_valence", "min_ccc_arousal"):
            if not -1.0 <= getattr(self, name) <= 1.0:
                raise InputError(
                    f"gate.{name} is {getattr(self, name)}; a CCC from -1 to 1 would do"
                )
        if not (self.margin >= 0.0 and math.isfinite(self.margin)):
            raise InputError(f"gate.margin is {self.margin}; 0 or a small positive CCC would do")
        if self.bootstrap < 1:
            raise InputError(f"gate.bootstrap is {self.bootstrap}; 1 or more would do")
        if self.seed < 0:
            raise InputError(f"gate.seed is {self.seed}; 0 or more would do")

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The measured stages."""
        return tuple(self.stages.split(","))

    @property
    def output_names(self) -> tuple[str, ...]:
        """The predicted outputs."""
        return LABELS if self.outputs == "both" else (self.outputs,)

    def minimum(self, output: str) -> float:
        """The bound on one output's CCC."""
        return self.min_ccc_valence if output == "valence" else self.min_ccc_arousal
