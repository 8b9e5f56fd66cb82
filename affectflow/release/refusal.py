"""A refused run leaves a record beside the releases: ``<releases>/refused/<run id>.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affectflow.errors import AffectflowError
from affectflow.files import file_name, write_json
from affectflow.release.store import now, only_writer

FORMAT = 1


class RefusedRelease(AffectflowError):
    """The gate refused the model, and the run was asked to fail on that.

    Args:
        reasons: the gate's failed checks.
        record: where the refusal was recorded.
    """

    retry = False

    def __init__(self, reasons: Sequence[str], record: Path):
        super().__init__(f"the gate refused the model: {'; '.join(reasons)} (see {record})")
        self.reasons = list(reasons)
        self.record = record

    def __reduce__(self) -> tuple[type[RefusedRelease], tuple[list[str], Path]]:
        # Exception's own reduce would call __init__ with the joined message alone.
        return type(self), (self.reasons, self.record)


def record_refusal(
    releases: Path, run_id: str, reasons: Sequence[str], metrics: Mapping[str, Any]
) -> Path:
    """Records why a run released nothing; a retry of the run replaces its record.

    Args:
        releases: the folder of all releases; made if absent.
        run_id: of any characters; percent-encoded in the file's name.
        reasons: the gate's failed checks.
        metrics: JSON values, as ``publish`` takes them.

    Raises:
        InputError: the folder cannot be written, or the run id is empty.
    """
    record = releases / "refused" / f"{file_name(run_id)}.json"
    with only_writer(releases):
        record.parent.mkdir(exist_ok=True)
        write_json(
            record,
            {
                "format": FORMAT,
                "created": now(),
                "run_id": run_id,
                "reasons": list(reasons),
                "metrics": dict(metrics),
            },
        )
    return record
