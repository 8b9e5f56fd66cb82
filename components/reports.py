"""What the workers of a Beam job tell, brought together in one file: an element a line of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apache_beam as beam


class WriteReports(beam.PTransform):
    """Values of JSON → the file at ``path``, a line each, in any order."""

    def __init__(self, path: Path):
        super().__init__()
        self._path = str(path)

    def expand(self, reports: Any) -> Any:
        """Encoded and written; no report gives an empty file."""
        # json.dumps writes ASCII: a name may hold U+2028, at which a reader would break the line.
        return (
            reports
            | "AsJson" >> beam.Map(json.dumps)
            | "ToFile" >> beam.io.WriteToText(self._path, shard_name_template="")
        )


def read_reports(path: Path) -> list[Any]:
    """The reports of a job that has ended, in any order."""
    if not path.exists():
        # As when a runner loses the one element that the file is made of.
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
