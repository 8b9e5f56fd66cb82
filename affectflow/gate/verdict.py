"""Whether a model may be released: its CCC against the recipe's bounds and the latest release."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from affectflow.gate.settings import GateSettings
from affectflow.gate.summary import StageScore, Summary


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
    stage = summary.stages[settings.stage]
    mean = f"{settings.stage} mean CCC"
    checks = [_at_least(mean, stage.ccc_mean, "min_ccc_mean", settings.min_ccc_mean)]
    for output in settings.output_names:
        checks.append(
            _at_least(
                f"{settings.stage} {output} CCC",
                stage.outputs[output].ccc,
                f"min_ccc_{output}",
                settings.minimum(output),
            )
        )
    checks.append(_against(baseline, stage, summary.digest, settings))
    return Verdict(settings.stage, tuple(checks))


def _at_least(metric: str, value: float, name: str, bound: float) -> Check:
    if not math.isfinite(value):
        return Check(False, f"{metric} is not a number; {name} asks for {bound:.4f} ({_WHY_NAN})")
    if value < bound:
        return Check(False, f"{metric} {value:.4f} is below {name} {bound:.4f}")
    return Check(True, f"{metric} {value:.4f} reaches {name} {bound:.4f}")


_WHY_NAN = "predictions are missing or NaN, or labels and predictions are one constant"


def _against(
    baseline: Baseline | None, stage: StageScore, digest: str, settings: GateSettings
) -> Check:
    metric = f"{settings.stage} mean CCC"
    if baseline is None:
        return Check(True, f"{metric} is compared with no release: there is none yet")
    released = baseline.summary.stages.get(settings.stage)
    skipped = f"{metric} is not compared with release {baseline.release}"
    if released is None:
        return Check(True, f"{skipped}: it has no stage {settings.stage}")
    if set(released.outputs) != set(stage.outputs):
        return Check(
            True,
            f"{skipped}: it predicts {', '.join(sorted(released.outputs))}, "
            f"not {', '.join(sorted(stage.outputs))}",
        )
    if baseline.summary.digest != digest:
        return Check(
            True,
            f"{skipped}: it was measured on other data "
            f"({baseline.summary.digest[:12]}, here {digest[:12]})",
        )
    how = "scored anew on the same data" if baseline.rescored else "as released, on the same data"
    if baseline.other_faces:
        how += f"; it was trained on faces of other settings: {baseline.other_faces}"
    bound = f"release {baseline.release}'s {released.ccc_mean:.4f} ({how}) less margin"
    if not math.isfinite(released.ccc_mean):
        return Check(True, f"{skipped}: its own is not a number")
    if not stage.ccc_mean >= released.ccc_mean - settings.margin:
        return Check(False, f"{metric} {stage.ccc_mean:.4f} is below {bound} {settings.margin:.4f}")
    return Check(True, f"{metric} {stage.ccc_mean:.4f} reaches {bound} {settings.margin:.4f}")
