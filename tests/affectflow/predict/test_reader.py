"""Runs, blocks and smoothing, with a model that can be reckoned by hand: no network is needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affectflow.faces.face import Face
from affectflow.metrics.smoothing import smooth
from affectflow.predict.people import SeenFrame, SeenPerson
from affectflow.predict.reader import Reader, blocks


class SumModel:
    """A crop is a number; valence is the sum of the run so far, arousal the number itself."""

    labels = ("valence", "arousal")

    def __init__(self):
        self.calls = []

    def features(self, faces):
        self.calls.append(len(faces))
        return np.array([[float(face)] for face in faces], np.float32)

    def begin_run(self):
        return np.zeros((1, 1), np.float32)

    def stream_outputs(self, features, state):
        sums = state[0, 0] + np.cumsum(features[:, 0])
        return np.stack([sums, features[:, 0]], axis=1), sums[-1:].reshape(1, 1)


def frame(index: int, people: dict[int, float], shot: int = 0) -> SeenFrame:
    face = Face((0.0, 0.0, 0.5, 0.5), np.zeros((5, 2), np.float32), 0.9)
    seen = tuple(SeenPerson(n, face, str(v).encode()) for n, v in sorted(people.items()))
    return SeenFrame(index, index / 10, (100, 100), shot, seen, None)


def read(frames: list[SeenFrame], block: int, radius: int = 0, model=None) -> list[dict]:
    """Frame after frame: person -> (valence, arousal)."""
    reader = Reader(model or SumModel(), radius)
    found = [p for part in blocks(iter_of(frames), block) for p in reader.add(part)]
    found += reader.end()
    assert [prediction.frame for prediction, _ in found] == [f.index for f in frames]
    return [{p.person: (p.valence, p.arousal) for p in one.people} for one, _ in found]


def iter_of(frames):
    yield from frames


def test_a_gap_begins_a_new_run():
    frames = [frame(n, {} if n == 2 else {1: 1.0}) for n in range(5)]
    # 1, 1 + 1, nobody, and from the start again.
    expected = [{1: (1, 1)}, {1: (2, 1)}, {}, {1: (1, 1)}, {1: (2, 1)}]
    for block in (1, 2, 3, 10):
        assert read(frames, block) == expected


@pytest.mark.parametrize("block", [1, 2, 3, 10])
def test_a_cut_begins_a_new_run_of_the_same_person_without_smoothing_across(block):
    # Sums of 1, 2 | 4, 8, each averaged with its neighbours of its own shot alone.
    frames = [frame(n, {1: 2.0**n}, shot=n // 2) for n in range(4)]
    assert read(frames, block) == [{1: (1, 1)}, {1: (3, 2)}, {1: (4, 4)}, {1: (12, 8)}]
    assert read(frames, block, radius=5) == [{1: (2, 1.5)}] * 2 + [{1: (8, 6)}] * 2


def test_people_do_not_mix():
    frames = [frame(0, {1: 1.0}), frame(1, {1: 1.0, 2: 5.0}), frame(2, {2: 5.0})]
    assert read(frames, 10) == [{1: (1, 1)}, {1: (2, 1), 2: (5, 5)}, {2: (10, 5)}]


def test_a_block_is_one_call_of_the_network():
    model = SumModel()
    read([frame(n, {1: 1.0, 2: 1.0}) for n in range(6)], 4, model=model)
    assert model.calls == [4, 4, 4]


def test_frames_without_faces_do_not_wait_for_faces():
    waiting = blocks(iter_of([frame(n, {}) for n in range(9)]), 2)
    assert [len(part) for part in waiting] == [4, 4, 1]


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.integers(1, 3), st.integers(-3, 3).map(float)), max_size=30),
    st.integers(1, 12),
    st.integers(0, 5),
)
def test_however_it_is_cut_it_is_smoothing_of_whole_runs(people, block, radius):
    frames = [frame(n, seen) for n, seen in enumerate(people)]
    expected: list[dict] = [{} for _ in frames]
    for person in (1, 2, 3):
        start = 0
        while start < len(people):
            if person not in people[start]:
                start += 1
                continue
            stop = start
            while stop < len(people) and person in people[stop]:
                stop += 1
            numbers = np.array([people[n][person] for n in range(start, stop)])
            values = smooth(np.stack([np.cumsum(numbers), numbers], axis=1), radius)
            for n in range(start, stop):
                expected[n][person] = pytest.approx(tuple(values[n - start]), abs=1e-4)
            start = stop
    assert read(frames, block, radius) == expected
