"""Whether a model may be released: its CCC or accuracy against bounds and the latest release."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from affectflow.corpora.classes import EXPRESSION
from affectflow.gate.score import StageScore
from affectflow.gate.settings import GateSettings
from affectflow.gate.summary import Summary


@dataclass(frozen=True)
class Baseline:
    """The latest release's measurements.

    Attributes:
        release: its number.
        summary: its metrics, as released or as measured anew.
        rescored: whether its model was scored anew on the data at hand.
        other_faces: how its training crops were cut otherwise than those at hand, in words; "" =
            alike.
    """

    release: int
    summary: Summary
    rescored: bool = False
    other_faces: str = ""


@dataclass(frozen=True)
class Check:
    """One condition: whether it holds, and a line that names metric, value and bound."""

    passed: bool
    reason: str


@dataclass(frozen=True)
class Verdict:
    """Blessed when every check passed."""

    stage: str
    checks: tuple[Check, ...]

    @property
    def blessed(self) -> bool:
        """Whether the model may be released."""
        return all(check.passed for check in self.checks)

    @property
    def reasons(self) -> list[str]:
        """A line for every check, passed or not."""
        return [check.reason for check in self.checks]

    @property
    def failures(self) -> list[str]:
        """The lines of the checks that did not pass."""
        return [check.reason for check in self.checks if not check.passed]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, as they stand in ``summary.json``."""
        return {
            "blessed": self.blessed,
            "stage": self.stage,
            "reasons": self.reasons,
            "failures": self.failures,
        }


def judge(summary: Summary, settings: GateSettings, baseline: Baseline | None) -> Verdict:
    """Judges one evaluation.

    The comparison with the latest release is made only on the same data (equal digests): a model
    measured on easier videos would otherwise block, or let through, everything after it. Metrics
    from other data are named as not compared, and do not refuse a model.

    Args:
        summary: the model's own measurements.
        settings: the bounds.
        baseline: the latest release, or None before the first.
    """
    stage = summary.scores_on(settings.stage, settings.corpus)
    accuracy = settings.measure == "accuracy"
    metric = _subject(settings, "expression accuracy" if accuracy else "mean CCC")
    if stage is None:
        found = ", ".join(repr(row.corpus) for row in summary.corpora)
        missing = Check(
            False,
            f"{metric} cannot be judged: no frame of corpus {settings.corpus!r} was evaluated, but"
            f" some of {found}; one of these would do for gate.corpus",
        )
        return Verdict(settings.stage, (missing,))
    checks = _accuracy_bound(metric, stage, settings) if accuracy else _ccc_bounds(stage, settings)
    against = _against(metric, baseline, stage, summary.digest, settings)
    return Verdict(settings.stage, (*checks, against))


def _subject(settings: GateSettings, what: str) -> str:
    """What is judged, in words."""
    return f"{settings.stage} {what}" + (f" on {settings.corpus}" if settings.corpus else "")


def _ccc_bounds(stage: StageScore, settings: GateSettings) -> list[Check]:
    mean = _subject(settings, "mean CCC")
    checks = [_at_least(mean, stage.ccc_mean, "min_ccc_mean", settings.min_ccc_mean)]
    for output in settings.output_names:
        checks.append(
            _at_least(
                _subject(settings, f"{output} CCC"),
                stage.outputs[output].ccc,
                f"min_ccc_{output}",
                settings.minimum(output),
            )
        )
    return checks


def _accuracy_bound(metric: str, stage: StageScore, settings: GateSettings) -> list[Check]:
    score = stage.classes[EXPRESSION]
    if not score.count:
        names = ", ".join(settings.class_names[EXPRESSION])
        return [Check(False, f"{metric} cannot be judged: nothing is labelled as one of {names}")]
    return [
        _at_least(metric, score.accuracy, "min_accuracy", settings.min_accuracy, _WHY_NO_ACCURACY)
    ]


_WHY_NAN = "predictions are missing or NaN, or labels and predictions are one constant"
_WHY_NO_ACCURACY = "predictions are missing"


def _at_least(metric: str, value: float, name: str, bound: float, why: str = _WHY_NAN) -> Check:
    if not math.isfinite(value):
        return Check(False, f"{metric} is not a number; {name} asks for {bound:.4f} ({why})")
    if value < bound:
        return Check(False, f"{metric} {value:.4f} is below {name} {bound:.4f}")
    return Check(True, f"{metric} {value:.4f} reaches {name} {bound:.4f}")


def _against(
    metric: str,
    baseline: Baseline | None,
    stage: StageScore,
    digest: str,
    settings: GateSettings,
) -> Check:
    if settings.compare == "none":
        return Check(True, f"{metric} is compared with no release, as gate.compare is none")
    if baseline is None:
        return Check(True, f"{metric} is compared with no release: there is none yet")
    released = baseline.summary.scores_on(settings.stage, settings.corpus)
    skipped = f"{metric} is not compared with release {baseline.release}"
    if settings.stage not in baseline.summary.stages:
        return Check(True, f"{skipped}: it has no stage {settings.stage}")
    if released is None:
        return Check(True, f"{skipped}: it was not measured on {settings.corpus}")
    if other := _other_question(released, stage, settings):
        return Check(True, f"{skipped}: {other}")
    if baseline.summary.digest != digest:
        return Check(
            True,
            f"{skipped}: it was measured on other data "
            f"({baseline.summary.digest[:12]}, here {digest[:12]})",
        )
    if other := _other_samples(released, stage, settings):
        return Check(True, f"{skipped}: {other}")
    how = "scored anew on the same data" if baseline.rescored else "as released, on the same data"
    if baseline.other_faces:
        how += f"; it was trained on faces of other settings: {baseline.other_faces}"
    before, now = _judged(released, settings), _judged(stage, settings)
    bound = f"release {baseline.release}'s {before:.4f} ({how}) less margin"
    if not math.isfinite(before):
        return Check(True, f"{skipped}: its own is not a number")
    if not now >= before - settings.margin:
        return Check(False, f"{metric} {now:.4f} is below {bound} {settings.margin:.4f}")
    return Check(True, f"{metric} {now:.4f} reaches {bound} {settings.margin:.4f}")


def _judged(stage: StageScore, settings: GateSettings) -> float:
    """The one figure that is compared."""
    accuracy = settings.measure == "accuracy"
    return stage.classes[EXPRESSION].accuracy if accuracy else stage.ccc_mean


def _other_question(released: StageScore, stage: StageScore, settings: GateSettings) -> str:
    """Why the release's figure does not answer what is asked here; "" where it does."""
    if settings.measure == "ccc":
        if set(released.outputs) == set(stage.outputs):
            return ""
        theirs, ours = (", ".join(sorted(one.outputs)) for one in (released, stage))
        return f"it predicts {theirs or 'neither valence nor arousal'}, not {ours}"
    return "" if EXPRESSION in released.classes else "it has no accuracy of the expression"


def _other_samples(released: StageScore, stage: StageScore, settings: GateSettings) -> str:
    """Whether the same data were counted otherwise, by votes or without; "" where they were not."""
    if settings.measure == "ccc":
        return ""
    before, now = (one.classes[EXPRESSION].count for one in (released, stage))
    return "" if before == now else f"it counted {before} samples of the expression, here are {now}"
