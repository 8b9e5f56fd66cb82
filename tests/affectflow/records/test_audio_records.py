"""Records of sound survive being written, and no sound is not a vector."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affectflow.records.audio import AudioRecord, parse_audio


@given(arrays(np.float32, st.integers(1, 20), elements=st.floats(-1e6, 1e6, width=32)))
def test_what_is_written_is_read(functionals):
    read = parse_audio(AudioRecord("v ü", "s", "c", functionals).serialize())
    assert (read.video_id, read.subject_id, read.corpus) == ("v ü", "s", "c")
    assert read.functionals is not None
    assert read.functionals.dtype == np.float32
    np.testing.assert_array_equal(read.functionals, functionals)


@pytest.mark.parametrize("video_id", ["v", "train/anger/000046280"])
def test_a_clip_without_sound(video_id):
    record = AudioRecord(video_id, "s", "c", None)
    assert parse_audio(record.serialize()) == record
