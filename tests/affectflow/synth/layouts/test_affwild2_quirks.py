"""Aff-Wild2 with the quirks of the real one, read as the recipe does."""

from __future__ import annotations

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.listing import list_clips
from affectflow.errors import RejectedClip
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.synth import render_corpus
from affectflow.synth.settings import SynthSettings
from affectflow.video.digest import content_digest

SETTINGS = SynthSettings(
    subjects=4, clips=1, seconds=2.0, fps=10, size=200, cropped=True, quirks=True, workers=1
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return render_corpus(tmp_path_factory.mktemp("quirks") / "corpus", SETTINGS).root


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    store = FaceStore(tmp_path_factory.mktemp("store"))
    return lambda clip: extract_faces(clip, FaceSettings(), store, content_digest(clip.source))


def aligned(clip, found, slack):
    return (
        get_adapter("affwild2")
        .read_labels(clip)
        .align(
            found.frames_decoded,
            found.index["timestamp_s"],
            slack=slack,
            frames_exact=not clip.source.is_dir(),
        )
    )


def listed(root, **settings):
    return {c.video_id: c for c in list_clips("affwild2", root, CorpusSettings(**settings))}


def test_the_bare_name_is_the_person_on_the_left(root, faces):
    clips = listed(root)
    (right,) = [clip for name, clip in clips.items() if name.endswith("_right")]
    left = clips[right.video_id.removesuffix("_right")]
    assert (left.person, right.person) == ("left", "right")
    assert left.source == right.source
    centres = [faces(clip).index["box"][:, [0, 2]] @ [1, 0.5] for clip in (left, right)]
    assert centres[0].max() < 0.5 < centres[1].min()


def test_cropped_faces_are_read_where_they_are_preferred(root, faces):
    clips = listed(root, prefer="cropped")
    assert {clip.source.parent.name for clip in clips.values()} == {"cropped_aligned"}
    assert {clip.source.name for clip in clips.values()} == clips.keys()
    assert {clip.person for clip in clips.values()} == {""}
    assert all(clip.source.is_file() for clip in listed(root).values())


@pytest.mark.parametrize("prefer", ["videos", "cropped"])
def test_a_row_too_many_is_left_out_at_the_end(root, faces, prefer):
    longer = 0
    for clip in listed(root, prefer=prefer).values():
        found = faces(clip)
        labels = aligned(clip, found, slack=1)
        rows = np.loadtxt(clip.labels, delimiter=",", skiprows=1)
        longer += len(rows) > found.frames_decoded
        # Row i is frame i from the first on: nothing has moved.
        expected = np.where(rows == -5, np.nan, rows)[: found.frames_decoded]
        np.testing.assert_allclose(labels, expected, atol=1e-6)
    assert longer >= 2


def test_a_row_too_many_is_refused_without_slack(root, faces):
    refused = 0
    for clip in listed(root).values():
        try:
            aligned(clip, faces(clip), slack=0)
        except RejectedClip as reject:
            refused += reject.cause == "labels_do_not_fit"
    # Of subjects 0 and 2, and the video that 0 shares, which is two clips.
    assert refused == 4
