"""A report passes between workers, whatever it names."""

from __future__ import annotations

from dataclasses import asdict

from apache_beam import coders

from components.video_example_gen.report import ClipReport


def test_a_reason_that_names_a_file_of_any_name_can_be_encoded():
    # b"\xff.mp4" as Python reads it from a folder: Beam's coders encode strings as UTF-8.
    report = ClipReport(0, "a", "train", cause="unreadable", detail="/corpus/\udcff.mp4: is text")
    coder = coders.registry.get_coder(object)
    assert coder.decode(coder.encode(asdict(report))) == asdict(report)
    assert report.detail == r"/corpus/\udcff.mp4: is text"
