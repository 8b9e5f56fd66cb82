"""Who chooses the epoch: some of the training subjects, so that the gate's subjects choose nothing.

A model whose epoch was picked on the split that it is then judged on reports its luckiest epoch
(paper 0's GRU: .31 at its best epoch, a median of .204 over all).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from affectflow.corpora.mirrored import person_of

MANY = 10
"""From so many people on, two at least are held out: one alone is a matter of luck."""

# Splits are made by a hash of (seed, name): without a salt, those who are left for training are
# those of the large hashes, and a share of the small ones among them is nobody at all.
_SALT = "held out to judge epochs"


@dataclass(frozen=True)
class Holdout:
    """The training split's subjects, parted.

    Attributes:
        fit: those whose frames are trained on.
        tune: those on whom epochs are judged; empty = epochs are judged on the eval split.
        one_sided: the classes that do not stand in both parts, each with the number of its people.
    """

    fit: Collection[str]
    tune: Collection[str]
    one_sided: Mapping[str, int]


def hold_out(subjects: Mapping[str, Collection[str]], fraction: float, seed: int) -> Holdout:
    """Parts the training subjects: round(fraction · n) of n people are held out.

    At least one is, and two where there are ``MANY`` people or more. They are those who come first
    by a salted hash of (seed, person), so the draw has nothing to do with the one that made the
    split, and whoever asks with the same subjects and the split's seed holds out the same people: a
    sequence model is tuned on features of people whom the frame model has not seen either. A
    mirrored subject is on the side of the person.

    A class stands in both parts where two people have it: who comes first passes on where nobody
    else would be left to learn a class from, and more people are held out, or others, until every
    class is judged. Classes for which no such choice is found are told.

    Args:
        subjects: of the training split, each with the classes that it shows, in words; without
            classes where there are none.
        fraction: share held out, in [0, 1); 0, or a single person, holds nobody out.
        seed: of the split; another seed, another choice.
    """
    classes: dict[str, set[str]] = defaultdict(set)
    for name, shown in subjects.items():
        classes[person_of(name)] |= set(shown)
    if fraction == 0 or len(classes) < 2:
        return Holdout(fit=frozenset(subjects), tune=frozenset(), one_sided={})
    ranked = sorted(classes, key=lambda person: _position(person, seed))
    few = 2 if len(ranked) >= MANY else 1
    wanted = min(max(few, round(fraction * len(ranked))), len(ranked) - 1)
    held = _draw(ranked, classes, wanted)
    tune = frozenset(name for name in subjects if person_of(name) in held)
    have = _people_of(ranked, classes)
    judged = _people_of(held, classes)
    return Holdout(
        fit=frozenset(subjects) - tune,
        tune=tune,
        one_sided={name: have[name] for name in sorted(have) if judged[name] in (0, have[name])},
    )


def _draw(ranked: Sequence[str], classes: Mapping[str, Collection[str]], wanted: int) -> set[str]:
    """``wanted`` people who come first, or as few more as every class needs."""
    have = _people_of(ranked, classes)
    left, judged = Counter(have), Counter[str]()
    held: dict[str, None] = {}

    def hold(people: Iterable[str], most: int, keep_from: int = 1) -> None:
        """Holds out the first whose classes others are left to show, until there are ``most``.

        Classes of fewer than ``keep_from`` people need not be left.
        """
        for person in people:
            if len(held) >= most:
                return
            if person not in held and all(
                left[name] > 1 or have[name] < keep_from for name in classes[person]
            ):
                held[person] = None
                left.subtract(classes[person])
                judged.update(classes[person])

    hold(ranked, wanted)
    # A class of one person cannot be both learnt and judged; it is better learnt.
    hold(ranked, wanted, keep_from=2)
    for missing in sorted(name for name in have if have[name] > 1 and not judged[name]):
        if judged[missing]:
            continue
        hold((person for person in ranked if missing in classes[person]), len(held) + 1)
        # Whoever no class needs any more goes back, so that the share stays as it is.
        for person in list(held)[-2::-1] if len(held) > wanted else ():
            if all(judged[name] > 1 for name in classes[person]):
                del held[person]
                left.update(classes[person])
                judged.subtract(classes[person])
                break
    return set(held) or {ranked[0]}


def _people_of(people: Iterable[str], classes: Mapping[str, Collection[str]]) -> Counter[str]:
    """Class -> how many of some people show it."""
    return Counter(name for person in people for name in classes[person])


def _position(person: str, seed: int) -> bytes:
    text = f"{_SALT}\0{seed}\0{person}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()
