"""Where pictures are missing clips with labels by frame are rejected, others kept and counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip
from affectflow.faces.entry import StoredFaces
from affectflow.faces.settings import FaceSettings
from affectflow.records.counts import NOTED, notes
from components.video_example_gen.frame_labels import frame_labels
from tests.containers import without_chunk

FRAME, SECOND = (
    "video,frame,valence,arousal\nv,3,0.5,0\n",
    "video,second,valence,arousal\nv,0,0.5,0\n",
)


def faces(lost: int, **more: int) -> StoredFaces:
    """Of ten frames, as an entry's summary tells of them."""
    summary = {"frames_decoded": 10, "faces": 0, "width": 64, "height": 48, "decode_errors": 0}
    stored = StoredFaces(Path("x.zip"), {**summary, "lost_pictures": lost, **more})
    stored.__dict__["index"] = {"timestamp_s": np.arange(10) / 25}
    return stored


def labelled(tmp_path, table: str) -> Clip:
    path = tmp_path / "labels.csv"
    path.write_text(table)
    return Clip("folder", "v", "s", "train", Path("/v.avi"), labels=path, label_names=("v",))


@pytest.mark.parametrize(
    ("table", "stored"),
    [
        (FRAME, faces(0)),
        (SECOND, faces(2)),
        (FRAME, faces(2, decode_errors=1)),  # kept in spite of it, as was asked for
    ],
)
def test_labels_that_are_taken(tmp_path, table, stored):
    labels = frame_labels(labelled(tmp_path, table), stored, CorpusSettings())
    assert labels.in_plane.sum() == 1


@pytest.mark.parametrize(
    ("table", "stored", "named"),
    [
        (FRAME, faces(2), "frames by number; .*labels by second, or on_corrupt=keep, takes"),
        # By the time that AVI counts up a picture after the gap is too early.
        (SECOND, faces(2, untimed=1), "times, which the container does not keep"),
    ],
)
def test_labels_that_are_not_certain(tmp_path, table, stored, named):
    clip = labelled(tmp_path, table)
    with pytest.raises(
        RejectedClip, match=f"2 of 12 pictures are missing, and .* {named}"
    ) as caught:
        frame_labels(clip, stored, CorpusSettings())
    assert caught.value.cause == "corrupt"
    assert str(clip.labels) in caught.value.detail


def test_classes_are_of_the_whole_clip():
    clip = Clip("cremad", "v", "s", "train", Path("/v.avi"), classes=(("expression", "joy"),))
    assert frame_labels(clip, faces(2), CorpusSettings()).classed.all()


@pytest.fixture
def corpus(tmp_path, render_clip):
    """``whole``; ``torn`` and ``bare``, which lack picture 23 of 30; ``bare`` has no labels."""
    root = tmp_path / "corpus"
    rows = ["video,frame,valence,arousal,subject,split"]
    for code, name in enumerate(("bare", "held out", "torn", "whole")):
        render_clip(root / f"{name}.avi", 40 * code, 30)
        split = "eval" if name == "held out" else "train"
        if name != "bare":
            rows += [f"{name},{n},0.1,0.2,{name},{split}" for n in range(30 - (name == "torn"))]
    # Every twelfth picture of FFV1 stands by itself: what comes after the gap can be decoded.
    without_chunk(root / "torn.avi", 23)
    without_chunk(root / "bare.avi", 23)
    (root / "labels.csv").write_text("\n".join(rows) + "\n")
    return root


def test_a_torn_clip_is_rejected_where_its_labels_name_frames(corpus, ingest, detector):
    ingested = ingest(corpus, max_reject_share=0.3)
    (row,) = ingested.rejects
    assert (row["video_id"], row["cause"]) == ("torn", "corrupt")
    assert "1 of 30 pictures are missing" in row["detail"]
    # The one without labels is counted, and so are its pictures.
    assert ingested.clip_counts["noted"] == {"lost_pictures": 1}
    assert ingested.clip_counts["lost_pictures"] == 1
    assert list(notes(ingested.clip_counts)) == [
        f"1 of the clips used {NOTED['lost_pictures']}: 1 in all"
    ]
    assert [r.frame_index for r in ingested.of("bare")] == list(range(29))
    # Nothing of it is decoded again when the labels are others, for the clip has its faces.
    begun = detector.begun
    table = (corpus / "labels.csv").read_text().replace("torn,", "other,")
    (corpus / "labels.csv").write_text(table)
    assert ingest(corpus).rejects == []
    assert detector.begun == begun


def test_who_keeps_what_is_corrupt_keeps_it(corpus, ingest, detector):
    settings = FaceSettings(image_format="png", size=32, on_corrupt="keep")
    ingested = ingest(corpus, faces=settings)
    assert ingested.rejects == []
    assert ingested.clip_counts["noted"] == {"decode_errors": 2, "lost_pictures": 2}
