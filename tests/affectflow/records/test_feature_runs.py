"""Runs of features survive being written; runs are cut exactly at the gaps."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from affectflow.corpora.classes import TASKS
from affectflow.records.features import FeatureRun, gap_free_runs, parse_run

CLASSES = st.fixed_dictionaries(
    {}, optional={task: st.sampled_from(names) for task, names in TASKS.items()}
)
finite = st.floats(-1e6, 1e6, width=32)


@given(
    shape=array_shapes(min_dims=2, max_dims=2, max_side=6),
    first=st.integers(0, 2**40),
    classes=CLASSES,
    data=st.data(),
)
def test_what_is_written_is_read(shape, first, classes, data):
    features = data.draw(arrays(np.float32, shape, elements=finite))
    label = st.floats(-1, 1, width=32) | st.just(math.nan)
    labels = data.draw(arrays(np.float32, (shape[0], 2), elements=label))
    read = parse_run(FeatureRun("v ü", "s", "c", first, features, labels, classes).serialize())
    assert read.classes == classes
    assert (read.video_id, read.subject_id, read.corpus, read.first_frame) == (
        "v ü",
        "s",
        "c",
        first,
    )
    np.testing.assert_array_equal(read.features, features)
    # NaN, "not annotated", is a value here: a step without a label keeps its place.
    np.testing.assert_array_equal(read.labels, labels)
    assert read.features.dtype == read.labels.dtype == np.float32


@pytest.mark.parametrize("shape", [(3, 2), (5, 2), (4,), (4, 1), (2, 4)])
def test_labels_of_another_length_are_refused(shape):
    with pytest.raises(ValueError, match=r"v: labels have shape .*, wanted \(4, 2\)"):
        FeatureRun("v", "s", "c", 0, np.zeros((4, 3)), np.zeros(shape))


@given(st.sets(st.integers(0, 60)))
def test_runs_are_maximal_and_lose_nothing(frames):
    index = np.array(sorted(frames), np.int64)
    runs = [index[run] for run in gap_free_runs(index, np.zeros_like(index))]
    assert [frame for run in runs for frame in run] == index.tolist()
    for run in runs:
        assert run.tolist() == list(range(run[0], run[0] + len(run)))
    for run, following in pairwise(runs):
        assert following[0] > run[-1] + 1, "two runs without a gap between them are one"


def test_runs_of_an_example():
    index = np.array([3, 4, 5, 9, 11, 12])
    whole = [slice(0, 3), slice(3, 4), slice(4, 6)]
    assert gap_free_runs(index, np.zeros_like(index)) == whole
    # Other shots begin with frames 5 and 9.
    shots = np.array([0, 0, 1, 2, 2, 2])
    assert gap_free_runs(index, shots) == [slice(0, 2), slice(2, 3), *whole[1:]]
    assert gap_free_runs(index[:0], shots[:0]) == []
