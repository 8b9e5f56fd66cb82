"""A table of labels for many videos in one CSV file, read once a process."""

from __future__ import annotations

import csv
import threading
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from affectflow.corpora.csv_rows import csv_rows
from affectflow.corpora.files import as_key, require_itself
from affectflow.corpora.labels import Labels
from affectflow.corpora.numbers import read_number, said
from affectflow.corpora.remarks import remark
from affectflow.errors import InputError, RejectedClip
from affectflow.plane import LABELS

REQUIRED = ("video", *LABELS)
TIMES = ("frame", "second")
OPTIONAL = ("subject", "split")

_NAN = float("nan")
_lock = threading.Lock()
_last: tuple[tuple[Path, int, int], LabelTable] | None = None


@dataclass
class VideoRows:
    """The rows of one video, in the file's order.

    Attributes:
        lines: the line of the file of each row.
        times: its frame (decode order, as the file counts) or second.
        places: the most digits after the point that a time is printed with; fewer may be zeros that
            were left out.
        valence, arousal: NaN where the cell is empty.
        said: what the optional columns say of the video; absent where they are empty.
        wrong: what is wrong with the first row that cannot be understood, else "".
    """

    lines: array = field(default_factory=lambda: array("q"))
    times: array = field(default_factory=lambda: array("d"))
    places: int = 0
    valence: array = field(default_factory=lambda: array("d"))
    arousal: array = field(default_factory=lambda: array("d"))
    said: dict[str, str] = field(default_factory=dict)
    wrong: str = ""


@dataclass(frozen=True)
class LabelTable:
    """The file's rows, by video.

    Attributes:
        path: the file.
        by_frame: whether rows name frames, else seconds.
        videos: rows by the video as the file writes it (:func:`affectflow.corpora.files.as_key`).
    """

    path: Path
    by_frame: bool
    videos: dict[str, VideoRows]

    def labels(self, keys: Iterable[str]) -> Labels | None:
        """The labels of a video that the file writes in any of these ways; None without rows.

        Raises:
            RejectedClip: ``bad_labels``, naming the file, the line and what was found.
        """
        found = [self.videos[key] for key in keys if key in self.videos]
        if not found:
            return None
        for rows in found:
            if rows.wrong:
                raise RejectedClip("bad_labels", rows.wrong)
        times, valence, arousal, lines = (
            np.concatenate([np.asarray(getattr(rows, name)) for rows in found])
            for name in ("times", *LABELS, "lines")
        )
        if self.by_frame:
            return Labels.by_frame(times, valence, arousal, str(self.path), lines)
        unit_s = 10.0 ** -max(rows.places for rows in found)
        return Labels.by_second(times, valence, arousal, str(self.path), lines, unit_s)

    def said(self, column: str) -> dict[str, str]:
        """What an optional column says, by video as the file writes it."""
        return {key: rows.said[column] for key, rows in self.videos.items() if column in rows.said}

    def check_first_frame(self, first: int) -> None:
        """Whether the table counts a video's frames from ``first`` on (0 or 1).

        Frames that are counted from 1 although 0 is said are only remarked: of a table that names
        no frame 0 nobody knows whether the first frame is merely not annotated.

        Raises:
            InputError: ``first`` is 1 and a row is of frame 0.
        """
        if not self.by_frame:
            return
        lowest = {key: min(rows.times) for key, rows in self.videos.items() if rows.times}
        if first and (early := [key for key, frame in lowest.items() if 0 <= frame < first]):
            raise InputError(
                f"{self.path}: video {early[0]!r} has a row of frame {said(lowest[early[0]])}, but "
                f"first_frame is {first}; first_frame=0 would do"
            )
        from_one = sum(frame == 1 for frame in lowest.values())
        if not first and 2 * from_one > len(lowest) and min(lowest.values()) == 1:
            remark(
                f"{self.path} has rows of frame 1 and none of frame 0; do the frames count from 1? "
                "Then first_frame=1 reads them so; as it is, every label is a frame late"
            )


def looks_like_labels(path: Path) -> bool:
    """Whether the first line of a file names the columns of such a table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = {name.strip().lower() for name in next(csv.reader([lines.readline(4096)]), [])}
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return set(REQUIRED) <= header and bool(header & set(TIMES))


def read_label_table(path: Path) -> LabelTable:
    """Reads the file, or gives what was read before when the file is still the same.

    Columns: ``video``, ``valence``, ``arousal``, ``frame`` or ``second``, and if wanted
    ``subject`` and ``split``; others are left alone. An empty valence or arousal means not
    annotated, as -5 does. About half a million rows a second; 32 bytes are kept of each.

    Raises:
        FileNotFoundError: there is no such file.
        InputError: the file is not such a table, or a video has two subjects or two splits; the
            message names the line or what would do.
    """
    global _last
    status = path.stat()
    key = (path, status.st_mtime_ns, status.st_size)
    # One reader at a time: the threads of a worker would each parse the same millions of rows.
    with _lock:
        if _last is None or _last[0] != key:
            _last = None
            _last = (key, _read(path))
        return _last[1]


def _read(path: Path) -> LabelTable:
    # Strict: an open quote would swallow the rest of the file without a word.
    with csv_rows(path, strict=True) as reader:
        header = [name.strip().lower() for name in next(reader, [])]
        time = _check_columns(path, header)
        rows = ((reader.line_num, row) for row in reader)
        return LabelTable(path, time == "frame", _by_video(path, header, time, rows))


def _check_columns(path: Path, header: list[str]) -> str:
    """Which of frame and second the table has."""
    wrong = []
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        wrong.append(f"lacks {', '.join(missing)}")
    times = [name for name in TIMES if name in header]
    if len(times) != 1:
        wrong.append(f"has {'both frame and second' if times else 'neither frame nor second'}")
    twice = [name for name in (*REQUIRED, *TIMES, *OPTIONAL) if header.count(name) > 1]
    if twice:
        wrong.append(f"has {', '.join(twice)} twice")
    if wrong:
        require_itself(path)
        raise InputError(
            f"{path} {' and '.join(wrong)} (columns found: {', '.join(header) or 'none'}); it must "
            "have the columns video, valence, arousal and either frame or second"
        )
    return times[0]


def _by_video(
    path: Path, header: list[str], time: str, rows: Iterator[tuple[int, list[str]]]
) -> dict[str, VideoRows]:
    videos: dict[str, VideoRows] = {}
    written: dict[str, VideoRows] = {}
    width = len(header)
    at_video, at_time, at_valence, at_arousal = (
        header.index(name) for name in ("video", time, *LABELS)
    )
    optional = [(name, header.index(name)) for name in OPTIONAL if name in header]
    for line, row in rows:
        if not any(row):
            continue
        name = row[at_video] if at_video < len(row) else ""
        video = written.get(name)
        if video is None:
            key = as_key(name)
            if not key:
                raise InputError(f"{path}, line {line}: video is empty; every row must name one")
            video = written[name] = videos.setdefault(key, VideoRows())
        if len(row) < width or any(row[width:]):
            video.wrong = video.wrong or (
                f"{path}, line {line} has {len(row)} columns ({','.join(row)!r}); it must have "
                f"{width}, and a name with a comma in it stands in quotes"
            )
            continue
        video.lines.append(line)
        try:
            video.times.append(_number(row[at_time], time, empty_will_do=False))
            video.places = max(video.places, len(row[at_time].strip().partition(".")[2]))
            video.valence.append(_number(row[at_valence], "valence"))
            video.arousal.append(_number(row[at_arousal], "arousal"))
        except ValueError as error:
            video.wrong = video.wrong or f"{path}, line {line}: {error}"
        for column, at in optional:
            text = row[at].strip()
            if text and video.said.setdefault(column, text) != text:
                raise InputError(
                    f"{path}, line {line}: {column} of video {name!r} is {text!r} but was "
                    f"{video.said[column]!r} before; one would do"
                )
    return videos


def _number(cell: str, column: str, empty_will_do: bool = True) -> float:
    if empty_will_do and not cell.strip():
        return _NAN
    try:
        return read_number(cell)
    except ValueError:
        raise ValueError(f"{column} is {cell!r}; it must be a number") from None
