"""Which frames of a clip its classes and its emotion's point stand at."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import EXPRESSION, GENDER, TASKS, as_classes
from affectflow.corpora.clip import Clip
from affectflow.corpora.listing import list_clips
from affectflow.emotions import EMOTIONS
from affectflow.records.clips import load_clips
from affectflow.records.counts import FrameCounts
from components.video_example_gen.frame_labels import frame_labels


def clip(expression: str = "", gender: str = "") -> Clip:
    classes = as_classes({EXPRESSION: expression, GENDER: gender})
    return Clip("ravdess", "v", "s", "train", Path("/v.mp4"), classes=classes)


def decoded(count: int) -> SimpleNamespace:
    return SimpleNamespace(frames_decoded=count, index={"timestamp_s": np.arange(count) / 25})


@given(
    st.sampled_from(TASKS[EXPRESSION]),
    st.integers(1, 300),
    st.integers(0, 400),
    st.sampled_from(["none", "emotions"]),
)
def test_labels_stand_at_the_last_frames_alone(expression, count, last, points):
    settings = CorpusSettings(points=points, last_frames=last)
    labels = frame_labels(clip(expression), decoded(count), settings)
    told = np.arange(count) >= count - (last or count)
    assert told.sum() == min(last or count, count)
    np.testing.assert_array_equal(labels.classed, told)
    np.testing.assert_array_equal(labels.labelled, told)
    point = EMOTIONS.get(expression) if points == "emotions" else None
    assert labels.values.dtype == np.float32
    assert np.isnan(labels.values[~told]).all()
    if point is None:
        assert np.isnan(labels.values).all()
    else:
        assert (labels.values[told] == np.float32(point)).all()


def test_an_expression_that_has_no_point_is_left_without():
    labels = frame_labels(clip("calm"), decoded(9), CorpusSettings(points="emotions"))
    assert np.isnan(labels.values).all()
    assert labels.classed.all()


@pytest.mark.parametrize(("one", "classed"), [(clip(), False), (clip(gender="male"), True)])
def test_a_clip_without_an_expression_gets_no_point(one, classed):
    labels = frame_labels(one, decoded(5), CorpusSettings(points="emotions", last_frames=2))
    assert np.isnan(labels.values).all()
    assert labels.classed.tolist() == [False] * 3 + [classed] * 2


@pytest.fixture
def spoken(tmp_path, render_clip):
    """Two actors of RAVDESS, happy and calm for 12 frames; 0 and 11 of the first show nobody."""
    root = tmp_path / "ravdess"
    for actor in ("01", "02"):
        for code, emotion in ((40, "03"), (80, "02")):
            nobody = (0, 11) if (actor, emotion) == ("01", "03") else ()
            render_clip(root / f"01-01-{emotion}-01-01-01-{actor}.mkv", code, 12, nobody)
    return root


def test_points_of_the_last_frames_in_the_records_and_the_accounts(spoken, ingest, detector):
    settings = CorpusSettings(points="emotions", last_frames=4)
    ingested = ingest(spoken, corpus="ravdess", listing=settings)
    for actor in ("01", "02"):
        for emotion, expression in (("03", "joy"), ("02", "calm")):
            records = ingested.of(f"01-01-{emotion}-01-01-01-{actor}")
            first = (actor, emotion) == ("01", "03")
            seen = range(1, 11) if first else range(12)
            assert [record.frame_index for record in records] == list(seen)
            for record in records:
                told = record.frame_index >= 8
                assert record.classes.get("expression", "") == (expression if told else "")
                assert ("gender" in record.classes) == told
                assert record.in_plane == (told and expression == "joy")
                if record.in_plane:
                    assert (record.valence, record.arousal) == pytest.approx((0.95, 0.12))
    stored = {clip.video_id: clip for clip in load_clips(ingested.uri)}
    first, calm = (stored[f"01-01-{emotion}-01-01-01-01"] for emotion in ("03", "02"))
    assert (first.in_plane, first.classes["expression"]) == (3, "joy")
    assert (calm.in_plane, calm.classes["expression"]) == (0, "calm")
    # Three clips of 12 faces, of which 4 are labelled, and one of 10, of which 3 are.
    assert sum(ingested.counts.values(), FrameCounts()) == FrameCounts(
        decoded=48, no_face=2, no_label=31, kept=15
    )


def test_by_default_a_class_stands_at_every_frame(spoken, ingest, detector):
    ingested = ingest(spoken, corpus="ravdess")
    total = sum(ingested.counts.values(), FrameCounts())
    assert (total.no_label, total.kept) == (0, 46)
    records = [*ingested.records("train"), *ingested.records("eval")]
    assert all(record.classes["expression"] and not record.in_plane for record in records)


def test_mirrored_copies_have_the_labels_of_their_originals(labelled_corpus, ingest, detector):
    settings = CorpusSettings(mirrored="copies", points="emotions", last_frames=1)
    ingested = ingest(labelled_corpus, listing=settings)
    # Each is decoded for itself: its faces are others.
    assert detector.begun == 6
    for video in ("steady", "uneven", "held out"):
        plain, copies = ingested.of(video), ingested.of(f"{video}~mirrored")
        assert [r.frame_index for r in plain] == [r.frame_index for r in copies]
        # An annotation of its own stands wherever it says; there is no class to speak of.
        for one, copy in zip(plain, copies, strict=True):
            np.testing.assert_equal((one.valence, one.arousal), (copy.valence, copy.arousal))
            assert copy.subject_id == f"{one.subject_id}~mirrored"
            assert copy.source_digest == one.source_digest
    half = ingest(labelled_corpus, store="other").counts
    assert ingested.counts == {split: half[split] + half[split] for split in half}
    clips = list_clips("folder", labelled_corpus, settings)
    assert {clip.subject_id: clip.split for clip in clips} == {
        "anna": "train", "anna~mirrored": "train", "ben": "eval", "ben~mirrored": "eval",
    }  # fmt: skip
