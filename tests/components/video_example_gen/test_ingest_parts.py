"""What the stages of the ingest hand each other, and its settings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affectflow.errors import InputError
from affectflow.records.unseen import points_of
from components.video_example_gen.report import ClipReport
from components.video_example_gen.settings import IngestSettings

levels = st.floats(-1, 1, width=32)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.builds(
        ClipReport,
        *[st.integers(0, 99), text, st.sampled_from(["train", "eval"])],
        *[st.integers(0, 10**7)] * 3,
        *[text] * 2,
        st.integers(0, 99),
        arrays(np.float32, st.tuples(st.integers(0, 9), st.just(2)), elements=levels).map(
            points_of
        ),
    )
)
@example(ClipReport(0, "a\u2028b\x85c", "train", cause="no_face", detail="a\nb\u2029"))
def test_a_report_is_one_line_and_is_read_back(report):
    line = report.to_json()
    # Reports are collected in a text file, a line each, whatever a video is called; Unicode has
    # more ends of a line than the newline, such as U+2028 and U+0085.
    assert line.splitlines() == [line]
    assert ClipReport.from_json(line) == report


@given(st.data(), st.integers(0, 1000))
def test_a_clip_s_accounts_add_up(data, decoded):
    faces = data.draw(st.integers(0, decoded))
    labelled = data.draw(st.integers(0, faces))
    counts = ClipReport(0, "v", "train", decoded, faces, labelled).counts
    counts.check("v")
    assert (counts.decoded, counts.faces, counts.kept) == (decoded, faces, labelled)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shard_frames": 0}, "shard_frames is 0; it must be at least 1"),
        ({"max_reject_share": -0.1}, r"max_reject_share is -0.1; it must be in \[0, 1\]"),
        ({"max_reject_share": 1.1}, r"max_reject_share is 1.1; it must be in \[0, 1\]"),
        ({"max_reject_share": float("nan")}, r"max_reject_share is nan; it must be in \[0, 1\]"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(InputError, match=message):
        IngestSettings(**settings)
