"""Who chooses the epoch: some of the training subjects, so that the gate's subjects choose nothing.

A model whose epoch was picked on the split that it is then judged on reports its luckiest epoch
(paper 0's GRU: .31 at its best epoch, a median of .204 over all).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from affectflow.corpora.mirrored import person_of
from affectflow.corpora.splits import assign_splits


@dataclass(frozen=True)
class Holdout:
    """The training split's subjects, parted.

    Attributes:
        fit: those whose frames are trained on.
        tune: those on whom epochs are judged; empty = epochs are judged on the eval split.
    """

    fit: Collection[str]
    tune: Collection[str]


def hold_out(subjects: Iterable[str], fraction: float, seed: int) -> Holdout:
    """Parts the training subjects by a hash of (seed, person).

    A mirrored subject is on the side of the person. The same subject falls on the same side in
    both stages, so the sequence model is tuned on features of people whom the frame model has not
    seen either.

    Args:
        subjects: of the training split; repeated ones count once.
        fraction: expected share held out, in [0, 1); 0, or a single person, holds nobody out.
        seed: another seed, another choice.
    """
    names = frozenset(subjects)
    people = {person_of(name) for name in names}
    if fraction == 0 or len(people) < 2:
        return Holdout(fit=names, tune=frozenset())
    sides = assign_splits(people, fraction, seed)
    tune = frozenset(name for name in names if sides[person_of(name)] == "eval")
    return Holdout(fit=names - tune, tune=tune)
