"""One name for a whole video from the names of its frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence


def majority(names: Iterable[str], classes: Sequence[str] | None = None) -> str:
    """The name that most frames have: Yin et al. (paper 1), Sec. 3.2, "the most widely assigned".

    Neither the order of the frames nor how they were read decides a tie: of the names that are
    equally frequent it is the one that stands first in ``classes``, or, without classes, in the
    alphabet (by code point).

    Args:
        names: one a frame, in any order. "" is a frame without a name, as ``nearest_emotion``
            gives where a value is NaN; it has no vote.
        classes: what a name may be, by precedence in a tie.

    Returns:
        One of the names; "" when no frame has one.

    Raises:
        ValueError: a name that is not in ``classes``.
    """
    votes = Counter(name for name in names if name)
    order = sorted(votes) if classes is None else list(classes)
    for name in votes:
        if name not in order:
            raise ValueError(f"{name!r} is not one of {', '.join(order)}")
    # max() gives the first of equals.
    return max((name for name in order if name in votes), key=votes.__getitem__, default="")
