"""PN accuracy: is at least the sign of the emotion's valence right?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from affectflow.emotions import EMOTIONS
from affectflow.metrics.confusion import Confusion

SIGNS = ("negative", "neutral", "positive")


def pn_accuracy(confusion: Confusion, signs: Mapping[str, float] | None = None) -> float:
    """Yin et al. (paper 1), Sec. 4.4, eq. 10.

    (n_correctNegative + n_correctNeutral + n_correctPositive) / n_total: the accuracy that is
    left of a confusion matrix when its classes are folded to the signs of their valence, so never
    below ``confusion.accuracy``.

    Args:
        confusion: over emotions.
        signs: see :func:`valence_signs`.

    Returns:
        A share in [0, 1]; NaN without pairs.

    Raises:
        ValueError: see :func:`valence_signs`. It depends on the matrix' classes and not on its
            counts: what is an error of one corpus is an error of all.
    """
    return confusion.folded(SIGNS, valence_signs(confusion.classes, signs)).accuracy


def has_signs(classes: Sequence[str]) -> bool:
    """Whether a valence is known of all of these classes, so that they have a PN accuracy."""
    return all(name in EMOTIONS for name in classes)


def valence_signs(
    classes: Sequence[str], signs: Mapping[str, float] | None = None
) -> dict[str, str]:
    """Class -> "negative", "neutral" or "positive".

    Args:
        classes: names; those of ``affectflow.emotions.EMOTIONS`` have the valence of paper 1,
            Table 2: below 0, 0 or above.
        signs: class -> number of which the sign counts (−1, 0 and 1, or a valence), for classes
            that the table lacks. It comes before the table, so that an emotion may be seen
            otherwise; the figure is then no longer the paper's. Classes that are not asked for
            may stand in it.

    Raises:
        ValueError: a class has a sign from neither, or a sign is NaN.
    """
    valences = {name: valence for name, (valence, _) in EMOTIONS.items()} | dict(signs or {})
    missing = [name for name in classes if name not in valences]
    if missing:
        raise ValueError(
            f"no valence is known of {', '.join(map(repr, missing))}, only of "
            f"{', '.join(EMOTIONS)}; a sign for each, such as signs={{{missing[0]!r}: 1}} "
            "(-1 negative, 0 neutral, 1 positive), would do"
        )
    return {name: _sign(name, valences[name]) for name in classes}


def _sign(name: str, valence: float) -> str:
    if math.isnan(valence):
        raise ValueError(f"the sign of {name!r} is NaN; a number would do")
    return SIGNS[(valence > 0) - (valence < 0) + 1]
