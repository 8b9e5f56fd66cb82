"""A CSV file of predictions, however long, as a short curve for each person and label."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from affectflow.errors import InputError
from affectflow.plane import LABELS

MOST_PEOPLE = 6
MOST_BINS = 2000
NOBODY = 0
"""Instead of a person's number: values that belong to nobody, filled between two people."""

_COLUMNS = ("frame", "second", "person", *LABELS)
_CHUNK_ROWS = 100_000


@dataclass(frozen=True)
class Curves:
    """What there is to draw. A bin is one frame, or several where there are more than MOST_BINS.

    Attributes:
        frames: decoded frames.
        unit: of ``x``, ``start`` and ``end``: ``seconds``, or ``frame`` where any has no time.
        start, end: of the file; ``end`` is after ``start``.
        x: float64 [bins], the mean over the bin's frames.
        people: how many have a value anywhere.
        lines: of the at most MOST_PEOPLE who have most values, by number, and of NOBODY if it is
            one of them: each label's float64 [bins], the mean over the bin's frames in which the
            person has a value; NaN where there is none.
    """

    frames: int
    unit: str
    start: float
    end: float
    x: np.ndarray
    people: int
    lines: dict[int, dict[str, np.ndarray]]

    def has(self, label: str) -> bool:
        """Whether anybody has a value of it."""
        return any(np.isfinite(values[label]).any() for values in self.lines.values())


def read_curves(csv: Path) -> Curves:
    """Reads a file of ``affectflow.predict.rows`` twice, a piece at a time.

    Raises:
        InputError: it holds no such rows.
        OSError: it cannot be read.
    """
    extent = _Extent()
    for rows in _chunks(csv):
        extent.add(rows)
    frames = max(0, int(extent.last - extent.first) + 1) if extent.rows else 0
    unit, start, end = "frame", extent.first, extent.last
    if extent.all_timed:
        unit, start, end = "seconds", extent.start, extent.end
    if not frames:
        return Curves(0, unit, 0.0, 1.0, np.empty(0), 0, {})
    bins = min(frames, MOST_BINS)
    chosen = sorted(person for person, _ in extent.values.most_common(MOST_PEOPLE))
    when = _Mean(bins)
    means = {person: {label: _Mean(bins) for label in LABELS} for person in chosen}
    for rows in _chunks(csv):
        bin_of = ((rows["frame"] - extent.first) * bins // frames).to_numpy().astype(np.int64)
        when.add(bin_of, rows["second" if extent.all_timed else "frame"].to_numpy())
        for person in chosen:
            own = (rows["person"] == person).to_numpy()
            for label, mean in means[person].items():
                mean.add(bin_of[own], rows[label].to_numpy()[own])
    return Curves(
        frames=frames,
        unit=unit,
        start=start,
        end=end if end > start else start + 1,
        x=when.values(),
        people=len(set(extent.values) - {NOBODY}),
        lines={
            person: {label: mean.values() for label, mean in labels.items()}
            for person, labels in means.items()
        },
    )


@dataclass
class _Extent:
    """What the first reading finds."""

    rows: int = 0
    first: float = math.inf
    last: float = -math.inf
    start: float = math.inf
    end: float = -math.inf
    all_timed: bool = True
    values: Counter[int] = field(default_factory=Counter)

    def add(self, rows: pd.DataFrame) -> None:
        self.rows += len(rows)
        self.first = min(self.first, rows["frame"].min())
        self.last = max(self.last, rows["frame"].max())
        self.all_timed &= bool(rows["second"].notna().all())
        self.start = min(self.start, rows["second"].min())
        self.end = max(self.end, rows["second"].max())
        valued = rows.loc[rows[list(LABELS)].notna().any(axis=1), "person"]
        self.values.update({int(key): n for key, n in valued.value_counts().items()})


class _Mean:
    """The mean of what falls into each bin."""

    def __init__(self, bins: int):
        self._sum, self._count = np.zeros(bins), np.zeros(bins)

    def add(self, bin_of: np.ndarray, values: np.ndarray) -> None:
        there = np.isfinite(values)
        bins = len(self._sum)
        self._sum += np.bincount(bin_of[there], values[there], bins)
        self._count += np.bincount(bin_of[there], minlength=bins)

    def values(self) -> np.ndarray:
        """float64 [bins], NaN where nothing fell."""
        with np.errstate(invalid="ignore"):
            return self._sum / self._count


def _chunks(csv: Path) -> Iterator[pd.DataFrame]:
    with csv.open("rb") as file:
        try:
            with pd.read_csv(
                file, usecols=_COLUMNS, dtype=np.float64, chunksize=_CHUNK_ROWS, compression=None
            ) as chunks:
                for rows in chunks:
                    if rows["frame"].isna().any():
                        raise ValueError("a row has no frame number")
                    yield rows.fillna({"person": NOBODY})
        except ValueError as error:
            raise InputError(
                f"{csv} holds no predictions ({error}); a file of affectflow predict would do"
            ) from error
