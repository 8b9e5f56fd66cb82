from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affectflow.records.unseen import load_unseen, points_of, save_unseen

# Few values, so that frames share them.
values = st.sampled_from(np.float32([-1, -0.1, 0, 0.1, 1]))
planes = arrays(np.float32, st.tuples(st.integers(0, 20), st.just(2)), elements=values)


@given(st.lists(planes, max_size=4))
def test_every_frame_of_every_clip_is_there_once(tmp_path_factory, clips):
    folder = tmp_path_factory.mktemp("counts")
    save_unseen(folder, map(points_of, clips))
    values, frames = load_unseen(folder)
    assert (values.dtype, values.shape[1:], frames.dtype) == (np.float32, (2,), np.int64)
    assert len(np.unique(values, axis=0)) == len(values)
    together = np.repeat(values, frames, axis=0).tolist()
    assert sorted(together) == sorted(point for clip in clips for point in clip.tolist())
