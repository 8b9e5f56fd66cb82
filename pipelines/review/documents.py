"""JSON files of a workspace, any of which may be gone or damaged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from affectflow.corpora.clip import SPLITS
from affectflow.errors import InputError
from affectflow.records.counts import COUNTS_FILE, FrameCounts
from pipelines.run_record import RunRecord, load_record

GONE = "files deleted"
FATES = tuple(f.name for f in fields(FrameCounts))
"""What becomes of a frame."""


class Counts:
    """Reads accounts of frames, each once: many releases share a rebuild."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[dict[str, dict[str, int]], dict[str, Any], str]] = {}

    def of(self, folder: str) -> tuple[dict[str, dict[str, int]], dict[str, Any], str]:
        """Frames by split and what became of them, and clips; and what is wrong, or ""."""
        if folder not in self._read:
            self._read[folder] = _read_counts(Path(folder, COUNTS_FILE))
        return self._read[folder]


def read_record(path: Path) -> tuple[RunRecord | None, str]:
    """A run's record and "", or None and what is wrong with it."""
    if not path.exists():
        return None, f"{path} is gone: {GONE}"
    try:
        record = load_record(path)
    except InputError as error:
        # What it advises is for whoever wants to go on with the run.
        return None, str(error).removesuffix("; start a new run")
    except OSError as error:
        return None, f"{path} cannot be read ({error.strerror})"
    texts = (record.run_id, record.pipeline, record.code_version)
    tables = (
        record.request,
        record.packages,
        record.data or {},
        record.start or {},
        record.hardware or {},
    )
    if not all(isinstance(text, str) for text in texts) or not all(
        isinstance(table, dict) for table in tables
    ):
        return None, f"{path} is damaged (a field is of another type)"
    return record, ""


def read_object(path: Path) -> tuple[dict[str, Any] | None, str]:
    """A JSON object and "", or None and what is wrong with its file."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None, f"{path} is gone: {GONE}"
    except OSError as error:
        return None, f"{path} cannot be read ({error.strerror})"
    except ValueError as error:
        return None, f"{path} is damaged ({error})"
    if not isinstance(values, dict):
        return None, f"{path} is damaged (it holds no object)"
    return values, ""


def read_lines(path: Path) -> tuple[tuple[dict[str, Any], ...], str]:
    """The objects of a file of JSON lines, and what is wrong with it, or ""."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return (), f"{path} is gone: {GONE}"
    except (OSError, ValueError) as error:
        return (), f"{path} is damaged ({error})"
    return tuple(row for row in rows if isinstance(row, dict)), ""


def number(value: Any) -> float | None:
    """A number as it is; None for anything else."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def integer(value: Any) -> int | None:
    """A whole number as it is; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def table(value: Any) -> Mapping[str, Any]:
    """An object as it is; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> tuple[str, ...]:
    """The lines of a list; none for anything else."""
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _read_counts(path: Path) -> tuple[dict[str, dict[str, int]], dict[str, Any], str]:
    values, problem = read_object(path)
    if values is None:
        return {}, {}, problem
    try:
        # As people say them: train before eval, and what became of a frame as it went.
        splits = sorted(values["frames"], key=lambda name: (name not in SPLITS, name != SPLITS[0]))
        rows = {split: values["frames"][split] for split in splits}
        frames = {split: {fate: int(row[fate]) for fate in FATES} for split, row in rows.items()}
        clips = dict(values["clips"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return {}, {}, f"{path} is damaged ({error!r})"
    return frames, clips, ""
