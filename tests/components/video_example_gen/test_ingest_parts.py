"""What the stages of the ingest hand each other, and its settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.errors import InputError
from components.video_example_gen.report import ClipReport
from components.video_example_gen.settings import IngestSettings


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
        ({"shard_frames": 0}, "shard_frames is 0; a whole number from 1 to"),
        ({"max_reject_share": -0.1}, "max_reject_share is -0.1; a number from 0.0 to 1.0"),
        ({"max_reject_share": 1.1}, "max_reject_share is 1.1; a number from 0.0 to 1.0"),
        (
            {"max_reject_share": float("nan")},
            "max_reject_share is nan; a number from 0.0 to 1.0",
        ),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(InputError, match=message):
        IngestSettings(**settings)
