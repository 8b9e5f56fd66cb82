"""Reports come back from a Beam job as they were told, each once."""

from __future__ import annotations

from dataclasses import asdict

import apache_beam as beam
import pytest

from components.reports import WriteReports, read_reports
from components.video_example_gen.report import ClipReport
from pipelines.beam import IN_PROCESS


# Unicode has more ends of a line than the newline, such as U+2028 and U+0085.
@pytest.mark.parametrize("names", [(), ("a",), ("a\u2028b\x85c", "d\ne\u2029", "", "ü" * 300)])
def test_reports_are_read_back_whatever_a_video_is_called(tmp_path, names):
    reports = [
        ClipReport(
            n, name, "train", 7, 5, 3, cause="no_face", detail=name, noted=["remarks"], unseen=[]
        )
        for n, name in enumerate(names)
    ]
    with beam.Pipeline(runner=IN_PROCESS) as pipeline:
        _ = (
            pipeline
            | beam.Create(reports)
            | beam.Map(asdict)
            | WriteReports(tmp_path / "reports.jsonl")
        )
    found = [ClipReport(**report) for report in read_reports(tmp_path / "reports.jsonl")]
    assert sorted(found, key=lambda report: report.position) == reports
