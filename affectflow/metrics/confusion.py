"""How often each class was taken for each other: a confusion matrix that merges.

Accuracy, precision and recall are properties of the matrix and not functions of two series:
whoever wants one of them wants the others too, of the same counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np

Labels = Sequence[str] | Sequence[int] | np.ndarray
"""[n] class names, or [n] positions of classes in the tuple of them."""


@dataclass(frozen=True, eq=False)
class Confusion:
    """Counts of (truth, predicted) pairs over a fixed tuple of classes.

    The means over classes, ``macro_precision`` and ``macro_recall``, are taken over the classes
    that occur in truth or prediction, and a ratio that is undefined counts as 0: scikit-learn's
    ``average="macro", zero_division=0``, which most published figures are made with. Leaving
    undefined ratios out instead would reward a model that gives a difficult class up: its
    precision would no longer be held against it. So

    * a class that occurs in the truth and is never predicted counts as precision 0 (its recall is
      0 by itself);
    * a class that is predicted and never occurs in the truth counts as recall 0 (its precision is
      0 by itself). Of few frames, such as one video's, the macro recall is low for that reason;
    * a class that occurs in neither is left out: the tuple may name more classes than a corpus
      has, and the figures do not change with those.

    Attributes:
        classes: C different names; the order of rows and columns.
        counts: int64 [C, C], read-only; rows are the truth, columns the prediction.

    Raises:
        ValueError: no classes, one of them twice, or counts that are not [C, C] whole numbers of
            0 or more.
    """

    classes: tuple[str, ...]
    counts: np.ndarray

    def __post_init__(self) -> None:
        classes = _names(self.classes)
        counts = np.asarray(self.counts)
        shape = (len(classes), len(classes))
        if counts.shape != shape or counts.dtype.kind not in "iu":
            raise ValueError(
                f"counts are {counts.dtype} {list(counts.shape)}; whole numbers {list(shape)}, "
                f"as there are {len(classes)} classes, would do"
            )
        if np.any(counts < 0):
            raise ValueError(f"counts go down to {counts.min()}; 0 or more would do")
        # A copy of its own: the caller's array may change, and this must not.
        counts = counts.astype(np.int64)
        counts.flags.writeable = False
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "counts", counts)

    @classmethod
    def of(cls, classes: Sequence[str], truth: Labels, predicted: Labels) -> Confusion:
        """Counts pairs.

        Args:
            classes: C different names.
            truth, predicted: [n] names, or positions in ``classes``, each; none at all is the
                empty matrix, from which merging starts.

        Raises:
            ValueError: a name or position that is no class, series of different lengths, or
                classes that are none.
        """
        names = _names(classes)
        rows = _positions(names, truth, "truth")
        columns = _positions(names, predicted, "prediction")
        if len(rows) != len(columns):
            raise ValueError(
                f"truth has {len(rows)} samples and prediction {len(columns)}; equal numbers "
                "would do"
            )
        number = len(names)
        counts = np.bincount(rows * number + columns, minlength=number * number)
        return cls(names, counts.reshape(number, number))

    def __add__(self, other: Confusion) -> Confusion:
        """Counts of both sets of pairs together.

        Raises:
            ValueError: the classes, or their order, differ.
        """
        if not isinstance(other, Confusion):
            return NotImplemented
        if self.classes != other.classes:
            raise ValueError(
                f"classes {', '.join(self.classes)} cannot be merged with "
                f"{', '.join(other.classes)}; the same classes in the same order would do"
            )
        return Confusion(self.classes, self.counts + other.counts)

    def __radd__(self, other: object) -> Confusion:
        """Lets ``sum(matrices)`` start from its 0."""
        return self if other == 0 else NotImplemented

    def __eq__(self, other: object) -> bool:
        """The same classes in the same order, and the same counts."""
        if not isinstance(other, Confusion):
            return NotImplemented
        return self.classes == other.classes and np.array_equal(self.counts, other.counts)

    def __hash__(self) -> int:
        """Of equal matrices equal."""
        return hash((self.classes, self.counts.tobytes()))

    @property
    def total(self) -> int:
        """Number of pairs."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Share of the pairs whose prediction is the truth, in [0, 1]; NaN without pairs."""
        return int(np.trace(self.counts)) / self.total if self.total else math.nan

    @property
    def precision(self) -> np.ndarray:
        """Of the predictions of each class, the share that is right.

        float64 [C] in [0, 1]; NaN for a class that is never predicted.
        """
        return _ratios(self.counts.diagonal(), self.counts.sum(axis=0))

    @property
    def recall(self) -> np.ndarray:
        """Of the pairs whose truth is each class, the share that is predicted so.

        float64 [C] in [0, 1]; NaN for a class that does not occur in the truth.
        """
        return _ratios(self.counts.diagonal(), self.counts.sum(axis=1))

    @property
    def macro_precision(self) -> float:
        """Mean of ``precision`` over the classes that occur (see above); NaN without pairs."""
        return self._macro(self.precision)

    @property
    def macro_recall(self) -> float:
        """Mean of ``recall`` over the classes that occur (see above); NaN without pairs."""
        return self._macro(self.recall)

    def _macro(self, ratios: np.ndarray) -> float:
        occurs = self.counts.sum(axis=0) + self.counts.sum(axis=1) > 0
        if not occurs.any():
            return math.nan
        return float(np.nan_to_num(ratios[occurs], nan=0.0).mean())

    def folded(self, classes: Sequence[str], group: Mapping[str, str]) -> Confusion:
        """The same pairs over coarser classes.

        Args:
            classes: the coarser classes; one to which nothing belongs has no counts.
            group: class -> coarser class, for every class of this matrix; others are not read.

        Raises:
            ValueError: a class without a group, or with one that is not in ``classes``.
        """
        missing = [name for name in self.classes if name not in group]
        if missing:
            raise ValueError(f"{', '.join(map(repr, missing))} belong to no group")
        names = _names(classes)
        to = _positions(names, [group[name] for name in self.classes], "group")
        counts = np.zeros((len(names), len(names)), dtype=np.int64)
        np.add.at(counts, (to[:, None], to[None, :]), self.counts)
        return Confusion(names, counts)

    def trimmed(self, classes: Sequence[str]) -> Confusion:
        """The same pairs without those classes that occur nowhere and are not in ``classes``."""
        occurs = self.counts.sum(axis=0) + self.counts.sum(axis=1) > 0
        kept = [i for i, name in enumerate(self.classes) if occurs[i] or name in classes]
        names = tuple(self.classes[i] for i in kept)
        return Confusion(names, self.counts[np.ix_(kept, kept)])

    def as_json(self) -> dict[str, Any]:
        """Plain values: {"classes": [C], "counts": [[C], ...] with a row for each truth}."""
        return {"classes": list(self.classes), "counts": self.counts.tolist()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Confusion:
        """The inverse of ``as_json``.

        Raises:
            ValueError: a field is missing or is not what ``as_json`` gives.
        """
        try:
            return cls(tuple(values["classes"]), np.array(values["counts"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"the values are no confusion matrix: {error!r}") from error


def _names(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of classes as a tuple.

    Raises:
        ValueError: there are none, one is there twice, or something is no name.
    """
    # A single name is a sequence of names, too: of its letters.
    if isinstance(classes, str) or not all(isinstance(name, str) for name in classes):
        raise ValueError(f"classes are {classes!r}; a sequence of names would do")
    names = tuple(classes)
    if not names:
        raise ValueError("there are no classes; one or more would do")
    if len(set(names)) != len(names):
        raise ValueError(f"a class is there twice in {', '.join(names)}")
    return names


def _positions(classes: tuple[str, ...], labels: Labels, what: str) -> np.ndarray:
    """Class names or positions [n] as positions, int64 [n].

    Args:
        classes: the names, in order.
        labels: names or positions.
        what: what the labels are, for the message.

    Raises:
        ValueError: a label is not one of the classes, or the labels are not [n].
    """
    if np.ndim(labels) != 1:
        raise ValueError(f"{what} has shape {list(np.shape(labels))}; one dimension would do")
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "iu":
        wrong = (labels < 0) | (labels >= len(classes))
        if wrong.any():
            raise _no_class(classes, labels[wrong][0], what)
        return labels.astype(np.int64)
    position = {name: i for i, name in enumerate(classes)}
    found = np.empty(len(labels), dtype=np.int64)
    for i, label in enumerate(labels):
        if isinstance(label, str) and label in position:
            found[i] = position[label]
        elif _is_position(label) and 0 <= label < len(classes):
            found[i] = label
        else:
            raise _no_class(classes, label, what)
    return found


def _is_position(label: object) -> TypeGuard[int]:
    # True and False are integers, too; as positions they would be a mistake.
    return isinstance(label, (int, np.integer)) and not isinstance(label, bool)


def _no_class(classes: tuple[str, ...], label: object, what: str) -> ValueError:
    shown = repr(label) if isinstance(label, str) else str(label)
    return ValueError(
        f"{what} {shown} is not one of {', '.join(classes)}, nor a position from 0 to "
        f"{len(classes) - 1}"
    )


def _ratios(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratios = np.full(len(whole), np.nan)
    np.divide(part, whole, out=ratios, where=whole > 0)
    return ratios
