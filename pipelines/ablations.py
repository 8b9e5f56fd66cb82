"""Paper 0's Table III and the choices behind it, as runs of one recipe that differ in a setting.

Rangulov & Fahim 2020, Table III; ``paper`` holds its figures on the validation set of Aff-Wild2,
each of the luckiest epoch there. What its text compares without figures (subsets 1 and 2, one label
at a time, MSE) stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from affectflow.errors import InputError
from affectflow.records.predictions import LABELS
from pipelines.summary import ReleaseSummary


@dataclass(frozen=True)
class Figures:
    """A row's figures; None where there is none.

    Attributes:
        rmse_valence, rmse_arousal, ccc_valence, ccc_arousal: over all frames.
        epoch: from 1, the one whose weights were kept.
    """

    rmse_valence: float | None = None
    rmse_arousal: float | None = None
    ccc_valence: float | None = None
    ccc_arousal: float | None = None
    epoch: int | None = None


@dataclass(frozen=True)
class Ablation:
    """One row.

    Attributes:
        name: for the command line.
        method: as the table calls it.
        stage: whose figures they are, ``cnn`` or ``rnn``.
        subset: of the frames that the CNN is trained on.
        settings: ``--set`` of its release, beside the recipe's.
        paper: what the paper reports.
    """

    name: str
    method: str
    stage: str
    subset: str = "max_mean"
    settings: tuple[str, ...] = ()
    paper: Figures = Figures()


ABLATIONS = (
    Ablation("all", "CNN over all frames", "cnn", "all", paper=Figures(0.47, 0.30, 0.20, 0.23, 2)),
    Ablation("subset1", "CNN over subset 1 (max)", "cnn", "max"),
    Ablation("subset2", "CNN over subset 2 (mean)", "cnn", "mean"),
    Ablation("subset3", "CNN over subset 3", "cnn", paper=Figures(0.43, 0.30, 0.22, 0.22, 1)),
    Ablation(
        "simple1", "CNN + SimpleRNN, 1 layer", "rnn", settings=("rnn=simple1",),
        paper=Figures(0.49, 0.37, 0.21, 0.22, 4),
    ),
    Ablation(
        "gru1", "CNN + GRU, 1 layer", "rnn", settings=("rnn=gru1",),
        paper=Figures(0.51, 0.32, 0.20, 0.35, 8),
    ),
    Ablation(
        "gru3", "CNN + GRU, 3 layers", "rnn", settings=("rnn=gru3",),
        paper=Figures(0.45, 0.29, 0.23, 0.39, 17),
    ),
    Ablation("valence", "CNN + GRU, valence only", "rnn", settings=("outputs=valence",)),
    Ablation("arousal", "CNN + GRU, arousal only", "rnn", settings=("outputs=arousal",)),
    Ablation("mse", "CNN + GRU, MSE loss", "rnn", settings=("cnn.loss=mse", "rnn.loss=mse")),
)  # fmt: skip


@dataclass(frozen=True)
class AblationResult:
    """What a row's run came to.

    Attributes:
        ablation: the row.
        figures: ours.
        ccc_mean, low, high: mean CCC and its interval by a bootstrap over videos; None = no value.
        blessed: the gate's verdict.
    """

    ablation: Ablation
    figures: Figures
    ccc_mean: float | None
    low: float | None
    high: float | None
    blessed: bool

    @classmethod
    def of(cls, ablation: Ablation, summary: ReleaseSummary) -> AblationResult:
        """Takes the row's figures out of a finished release run."""
        stage = summary.metrics["stages"][ablation.stage]
        found: dict[str, Any] = {
            f"{metric}_{label}": stage["outputs"].get(label, {}).get(metric)
            for metric in ("rmse", "ccc")
            for label in LABELS
        }
        return cls(
            ablation,
            Figures(**found, epoch=summary.best_epochs[ablation.stage]),
            stage["ccc_mean"],
            stage["ccc_mean_low"],
            stage["ccc_mean_high"],
            summary.blessed,
        )

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return asdict(self)


def chosen(names: Iterable[str]) -> list[Ablation]:
    """The rows of those names, in the table's order; all of them without any name.

    Raises:
        InputError: a name that is none of them.
    """
    wanted = set(names)
    if unknown := wanted - {row.name for row in ABLATIONS}:
        known = ", ".join(row.name for row in ABLATIONS)
        raise InputError(f"--only {sorted(unknown)[0]!r} is not a row; there are {known}")
    return [row for row in ABLATIONS if row.name in wanted or not wanted]


def as_markdown(results: Iterable[AblationResult]) -> str:
    """The table, the paper's figures in brackets."""
    lines = [
        "| method | RMSE valence | RMSE arousal | CCC valence | CCC arousal | epoch"
        " | CCC mean | 95 % over videos | gate |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(row_of(result).values())} |" for result in results]
    return "\n".join(lines) + "\n"


def row_of(result: AblationResult) -> Mapping[str, str]:
    """A row as texts, by column."""
    ours, theirs = asdict(result.figures), asdict(result.ablation.paper)
    cells = {
        name: _beside(value, theirs[name], "d" if name == "epoch" else ".3f")
        for name, value in ours.items()
    }
    interval = "-" if result.low is None else f"{result.low:.3f} to {result.high:.3f}"
    return {
        "method": result.ablation.method,
        **cells,
        "mean": _beside(result.ccc_mean, None, ".3f"),
        "interval": interval,
        "gate": "blessed" if result.blessed else "refused",
    }


def _beside(value: float | None, paper: float | None, form: str) -> str:
    text = "-" if value is None else format(value, form)
    return text if paper is None else f"{text} ({paper:g})"
