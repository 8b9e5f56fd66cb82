"""Labels: what an annotation says of a clip, by row, by frame number or by second.

Aligning turns all three into one row a frame, NaN where a frame is not annotated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from affectflow.corpora.numbers import said
from affectflow.errors import RejectedClip

#: What Aff-Wild2 writes for "not annotated" (its readme; paper 0, Sec. IV-B).
NOT_ANNOTATED = -5.0

# Containers keep times to a thousandth of a second (Matroska, FLV) or finer, and so do most
# annotations: times that are no further apart are the same. Of annotations that print less see
# ``_tolerance``.
_SAME_TIME_S = 1e-3

# From here on floating-point numbers do not tell a frame from the next one.
_BEYOND = 2.0**53


@dataclass(frozen=True)
class Labels:
    """Valence and arousal of one clip, as its annotation gives them.

    Build one by :meth:`by_row`, :meth:`by_frame` or :meth:`by_second`, which check the values.

    Attributes:
        values: float32 [R, 2], valence and arousal in [-1, 1]; both NaN where not annotated.
        origin: the file, for messages.
        frames: int64 [R], strictly increasing frame numbers in decode order, as the annotation
            counts them, when it names frames; else None.
        seconds: float64 [R], strictly increasing, when the annotation names times; else None.
        unit_s: of the last place to which the annotation prints its times, seconds; 0 where that is
            not known.
    """

    values: np.ndarray
    origin: str
    frames: np.ndarray | None = None
    seconds: np.ndarray | None = None
    unit_s: float = 0.0

    @classmethod
    def by_row(
        cls,
        valence: np.ndarray,
        arousal: np.ndarray,
        origin: str,
        lines: Sequence[int] | np.ndarray | None = None,
    ) -> Labels:
        """Row i is frame i.

        Args:
            valence, arousal: [R], in [-1, 1]; -5 or NaN = not annotated. A row counts as
                annotated only when both are.
            origin: the file, for messages.
            lines: [R], the line of the file of each row, for messages; the row's own number,
                0-based, when None.

        Raises:
            RejectedClip: ``bad_labels`` for a value outside [-1, 1].
        """
        return cls(_checked_values(valence, arousal, origin, lines), origin)

    @classmethod
    def by_frame(
        cls,
        frames: np.ndarray,
        valence: np.ndarray,
        arousal: np.ndarray,
        origin: str,
        lines: Sequence[int] | np.ndarray | None = None,
    ) -> Labels:
        """Each row names its frame in decode order, from 0 or 1 on; rows in any order.

        Raises:
            RejectedClip: ``bad_labels`` for a value outside [-1, 1], or a frame that is negative,
                no whole number, beyond all that can be counted one by one, or named twice.
        """
        values = _checked_values(valence, arousal, origin, lines)
        numbers = np.asarray(frames, np.float64)
        with np.errstate(invalid="ignore"):
            wrong = ~((numbers >= 0) & (numbers < _BEYOND) & (numbers == np.floor(numbers)))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise RejectedClip(
                "bad_labels",
                f"{origin}, {_place(row, lines)}: frame {said(numbers[row])} is not a whole "
                "number from 0 on that a frame can have",
            )
        order = _increasing(numbers, "frame", origin, lines)
        return cls(values[order], origin, frames=numbers[order].astype(np.int64))

    @classmethod
    def by_second(
        cls,
        seconds: np.ndarray,
        valence: np.ndarray,
        arousal: np.ndarray,
        origin: str,
        lines: Sequence[int] | np.ndarray | None = None,
        unit_s: float = 0.0,
    ) -> Labels:
        """Each row names its time in seconds from the start of the file; rows in any order.

        Args:
            unit_s: of the last place to which times are printed, e.g. .01 of ``0.97``; 0 = exact.

        Raises:
            RejectedClip: ``bad_labels`` for a value outside [-1, 1], or a time that is negative,
                not finite, or named twice.
        """
        values = _checked_values(valence, arousal, origin, lines)
        times = np.asarray(seconds, np.float64)
        with np.errstate(invalid="ignore"):
            wrong = ~(np.isfinite(times) & (times >= 0))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise RejectedClip(
                "bad_labels",
                f"{origin}, {_place(row, lines)}: second {said(times[row])} is not a number from 0 "
                "on",
            )
        order = _increasing(times, "second", origin, lines)
        return cls(values[order], origin, seconds=times[order], unit_s=unit_s)

    def align(
        self,
        frames: int,
        timestamps_s: np.ndarray,
        *,
        slack: int = 0,
        max_gap_s: float = 1.0,
        frames_exact: bool = True,
        first_frame: int = 0,
    ) -> np.ndarray:
        """One row a frame of the clip.

        By second, a frame's label is interpolated linearly at its timestamp between the two
        annotated rows round it, when they are no further apart than ``max_gap_s``; a frame
        before the first row, after the last, or beside a row that is not annotated has none. Times
        up to a thousandth of a second apart are the same, and so are those that rounding to
        ``unit_s`` sets apart, where frames are so far from each other that it cannot bring a row
        nearer to another frame.

        Args:
            frames: number N of frames of the clip.
            timestamps_s: float64 [N], seconds; looked at for labels by second only, NaN where
                the source has no clock.
            slack: how many rows may be missing or too many at the END of the annotation; the
                missing ones are not annotated, those too many are left out. Real Aff-Wild2
                files are sometimes one row off. 0 is exact.
            max_gap_s: see above.
            frames_exact: False when ``frames`` is only a lower bound, as for a folder of cropped
                images, where the last images may be missing: any rows may then be too many.
            first_frame: the number of the clip's first frame in an annotation that names frames.

        Returns:
            float32 [N, 2], valence and arousal in [-1, 1], both NaN where not annotated.

        Raises:
            RejectedClip: ``labels_do_not_fit``, naming both numbers and the setting.
        """
        timestamps = np.asarray(timestamps_s, np.float64)
        if timestamps.shape != (frames,):
            raise ValueError(f"timestamps_s has shape {timestamps.shape}, wanted ({frames},)")
        if self.seconds is not None:
            return self._align_seconds(self.seconds, timestamps, max_gap_s)
        if self.frames is not None:
            return self._align_frames(self.frames, frames, slack, frames_exact, first_frame)
        return self._align_rows(frames, slack, frames_exact)

    def beyond(self, frames: int, first_frame: int = 0) -> np.ndarray:
        """The rows of frames that come after the first so many; labels by second tell of none.

        Returns:
            float32 [K, 2], in their order.
        """
        if self.seconds is not None:
            return self.values[:0]
        at = np.arange(len(self.values)) if self.frames is None else self.frames - first_frame
        return self.values[at >= frames]

    def _align_rows(self, frames: int, slack: int, frames_exact: bool) -> np.ndarray:
        rows = len(self.values)
        missing, extra = max(frames - rows, 0), max(rows - frames, 0)
        if missing > slack or (extra > slack and frames_exact):
            raise RejectedClip(
                "labels_do_not_fit",
                f"{self.origin} has {rows} rows but the clip has {frames} frames; "
                f"label_slack={slack} allows {slack} rows too few or too many at the end, "
                f"{missing or extra} or more would do",
            )
        aligned = np.full((frames, 2), np.nan, np.float32)
        aligned[: frames - missing] = self.values[: rows - extra]
        return aligned

    def _align_frames(
        self, numbers: np.ndarray, frames: int, slack: int, frames_exact: bool, first: int
    ) -> np.ndarray:
        at = numbers - first
        if len(at) and at[0] < 0:
            raise RejectedClip(
                "bad_labels",
                f"{self.origin} names frame {numbers[0]}, but first_frame={first}; "
                "first_frame=0 would do",
            )
        beyond = int(at[-1]) + 1 - frames if len(at) else 0
        # Slack would take numbers from 1 on, too, and give every frame its neighbour's label. A row
        # too many is common, counted from 1 as well.
        from_one = not first and beyond > 0 and at[0] > 0 and beyond - 1 <= max(slack, 1)
        if frames_exact and (from_one or beyond > slack):
            advice = (
                "do the frames count from 1? It names no frame 0, and first_frame=1"
                + (f" with label_slack={beyond - 1}" if beyond - 1 > slack else "")
                + " would do"
                if from_one
                else f"label_slack={slack} allows frames up to {first + frames - 1 + slack}, "
                f"{beyond} or more would do"
            )
            raise RejectedClip(
                "labels_do_not_fit",
                f"{self.origin} names frame {int(numbers[-1])} but the clip has {frames} frames "
                f"({first} to {first + frames - 1}); {advice}",
            )
        inside = at < frames
        aligned = np.full((frames, 2), np.nan, np.float32)
        aligned[at[inside]] = self.values[inside]
        return aligned

    def _align_seconds(
        self, seconds: np.ndarray, timestamps: np.ndarray, max_gap_s: float
    ) -> np.ndarray:
        known = np.isfinite(timestamps)
        if len(timestamps) and not known.any():
            raise RejectedClip(
                "labels_do_not_fit",
                f"{self.origin} gives {len(seconds)} labels by second but none of the clip's "
                f"{len(timestamps)} frames has a timestamp; labels by frame would do",
            )
        end = float(timestamps[known].max()) if known.any() else 0.0
        if len(seconds) and seconds[-1] > end + max_gap_s:
            raise RejectedClip(
                "labels_do_not_fit",
                f"{self.origin} reaches to second {said(seconds[-1])} but the clip's last frame is "
                f"at {end:g} s; label_max_gap_s={max_gap_s:g} allows labels up to "
                f"{end + max_gap_s:g} s",
            )
        aligned = np.full((len(timestamps), 2), np.nan, np.float32)
        if not len(seconds):
            return aligned
        timestamps = _snapped(timestamps, seconds, _tolerance(timestamps[known], self.unit_s))
        # Rows on either side of every frame; a frame that stands on a row has it on both sides.
        after = np.searchsorted(seconds, timestamps, side="left")
        before = np.searchsorted(seconds, timestamps, side="right") - 1
        inside = known & (before >= 0) & (after < len(seconds))
        before, after = before[inside], after[inside]
        gap = seconds[after] - seconds[before]
        weight = np.divide(
            timestamps[inside] - seconds[before], gap, out=np.zeros_like(gap), where=gap > 0
        )[:, None]
        found = (1 - weight) * self.values[before] + weight * self.values[after]
        found[gap > max_gap_s + _SAME_TIME_S] = np.nan
        aligned[inside] = found
        return aligned


def _tolerance(timestamps: np.ndarray, unit_s: float) -> float:
    """How far the time of a row that is about a frame may be from the frame's, seconds.

    A unit where times are cut off after their last place, half of it where they are rounded, and
    half a thousandth for the container. What reaches half the way to the next frame says no longer
    which frame a row is about.
    """
    half_way = np.diff(np.sort(timestamps)).min(initial=np.inf) / 2
    for printed in (unit_s, unit_s / 2):
        if _SAME_TIME_S < printed + _SAME_TIME_S / 2 < half_way < np.inf:
            return printed + _SAME_TIME_S / 2
    return _SAME_TIME_S


def _snapped(timestamps: np.ndarray, seconds: np.ndarray, tolerance: float) -> np.ndarray:
    """Timestamps, with those that are the time of a row but for rounding put onto the row's."""
    right = (
        np.searchsorted(seconds, timestamps).clip(1, len(seconds) - 1) if len(seconds) > 1 else 0
    )
    left = np.maximum(right - 1, 0)
    nearer = np.abs(timestamps - seconds[left]) <= np.abs(seconds[right] - timestamps)
    nearest = np.where(nearer, seconds[left], seconds[right])
    return np.where(np.abs(nearest - timestamps) <= tolerance + 1e-9, nearest, timestamps)


def interpolate_missing(labels: np.ndarray, most: int | None = None) -> np.ndarray:
    """Fills labels that are missing between labelled neighbours, linearly by frame.

    "For frames where a model can not predict emotions, valence and arousal scores were later
    computed by linearly interpolating the scores from adjacent frames" (paper 0, Sec. IV-B): of
    predictions. What nobody annotated can be guessed the same way, over a few frames.

    Args:
        labels: float [T, 2] of consecutive frames, NaN = missing.
        most: rows that may be missing in a row for them to be filled; None = any number.

    Returns:
        float32 [T, 2]; rows before the first and after the last labelled row stay NaN, and so do
        all rows of a longer gap.
    """
    filled = np.array(labels, np.float32)
    at = np.arange(len(filled))
    labelled = ~np.isnan(filled).any(axis=1)
    filled[~labelled] = np.nan
    if labelled.any():
        for column in filled.T:
            column[:] = np.interp(at, at[labelled], column[labelled], left=np.nan, right=np.nan)
    if most is not None and labelled.any():
        known = at[labelled]
        # Of each missing row the labelled ones round it; a row at either end has no label anyway.
        after = np.minimum(np.searchsorted(known, at), len(known) - 1)
        missing = known[after] - known[np.maximum(after - 1, 0)] - 1
        filled[~labelled & (missing > most)] = np.nan
    return filled


def _checked_values(
    valence: np.ndarray,
    arousal: np.ndarray,
    origin: str,
    lines: Sequence[int] | np.ndarray | None,
) -> np.ndarray:
    values = np.stack([np.asarray(valence, np.float64), np.asarray(arousal, np.float64)], axis=1)
    values[values == NOT_ANNOTATED] = np.nan
    wrong = np.abs(values) > 1
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise RejectedClip(
            "bad_labels",
            f"{origin}, {_place(row, lines)}: {('valence', 'arousal')[column]} is "
            f"{said(values[row, column])}; it must be in [-1, 1], or -5 for not annotated",
        )
    values[np.isnan(values).any(axis=1)] = np.nan
    return values.astype(np.float32)


def _increasing(
    keys: np.ndarray, what: str, origin: str, lines: Sequence[int] | np.ndarray | None
) -> np.ndarray:
    """The order that sorts the keys; a key that stands twice is refused."""
    order = np.argsort(keys, kind="stable")
    twice = np.diff(keys[order]) == 0
    if twice.any():
        row = int(order[int(np.argmax(twice)) + 1])
        raise RejectedClip(
            "bad_labels",
            f"{origin}, {_place(row, lines)}: {what} {said(keys[row])} was labelled before; "
            "one row for each would do",
        )
    return order


def _place(row: int, lines: Sequence[int] | np.ndarray | None) -> str:
    return f"row {row}" if lines is None else f"line {int(lines[row])}"
