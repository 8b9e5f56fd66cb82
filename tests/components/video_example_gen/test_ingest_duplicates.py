"""Equal clips are counted by what they show, and left out of training where that is asked for."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.duplicates import Duplicates
from affectflow.faces.settings import FaceSettings
from affectflow.records.clips import load_clips

WHOLE = FaceSettings(crop="whole", size=48, image_format="png")


@pytest.fixture
def fer2013(tmp_path):
    """A table with an image that stands twice in training (0, 1), two that are in a test part too
    (2 and 6; 3, 7 and 8) of which one is labelled otherwise, and others."""
    rng = np.random.default_rng(0)
    pictures = [" ".join(map(str, rng.integers(0, 256, 48 * 48))) for _ in range(6)]
    rows = [
        (3, 0, "Training"), (3, 0, "Training"), (0, 1, "Training"), (4, 2, "Training"),
        (5, 3, "Training"), (6, 4, "Training"), (2, 1, "PublicTest"), (4, 2, "PublicTest"),
        (4, 2, "PrivateTest"), (1, 5, "PrivateTest"),
    ]  # fmt: skip
    root = tmp_path / "fer"
    root.mkdir()
    lines = [f"{emotion},{pictures[picture]},{usage}" for emotion, picture, usage in rows]
    (root / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n")
    return root


def test_the_three_kinds_in_a_table_of_pixels(fer2013, ingest):
    ingested = ingest(fer2013, corpus="fer2013", faces=WHOLE)
    found = Duplicates.from_json(ingested.clip_counts["duplicates"])
    assert found == Duplicates(
        clips={"train": 6, "eval": 4},
        repeated={"train": 1, "eval": 1},
        shared={"train": 2, "eval": 3},
        relabelled=1,
        examples={
            "shared": (("00002", "00006"), ("00003", "00007")),
            "repeated": (("00000", "00001"), ("00007", "00008")),
            "relabelled": (("00002", "00006"),),
        },
    )
    assert ingested.rejects == []
    assert len(ingested.records("train")) == 6


def test_training_images_that_are_evaluated_are_left_out_and_everything_adds_up(fer2013, ingest):
    settings = CorpusSettings(duplicates="drop")
    ingested = ingest(fer2013, corpus="fer2013", faces=WHOLE, listing=settings, max_reject_share=0)
    assert [row["video_id"] for row in ingested.rejects] == ["00002", "00003"]
    assert {row["cause"] for row in ingested.rejects} == {"duplicate"}
    assert "equal to '00006', which is evaluated" in ingested.rejects[0]["detail"]
    clips = ingested.clip_counts
    assert (clips["listed"], clips["used"], clips["rejected"]) == (10, 8, {"duplicate": 2})
    assert clips["duplicates"]["dropped"] == 2
    assert (ingested.counts["train"].decoded, ingested.counts["eval"].decoded) == (4, 4)
    stored = {clip.video_id for clip in load_clips(ingested.uri)}
    assert stored == {r.video_id for s in ("train", "eval") for r in ingested.records(s)}
    listed = json.loads((ingested.uri / "manifest.json").read_text())["clips"]
    assert {row["video_id"] for row in listed} - stored == {"00002", "00003"}


@pytest.fixture
def copied(labelled_corpus, tmp_path):
    """The corpus with a copy of what is evaluated among the training videos, in another container
    with the same pictures."""
    root = tmp_path / "copied"
    shutil.copytree(labelled_corpus, root)
    shutil.copy(root / "held out.mkv", root / "copy.mkv")
    with open(root / "labels.csv", "a") as table:
        for frame in range(12):
            table.write(f"copy.mkv,{frame},{frame / 100},{-frame / 100},anna,train\n")
    # Another file, and so another entry of the store.
    with open(root / "copy.mkv", "ab") as video:
        video.write(b"\0" * 64)
    return root


def test_videos_are_compared_by_what_they_show(copied, ingest, detector):
    ingested = ingest(copied)
    found = Duplicates.from_json(ingested.clip_counts["duplicates"])
    assert (found.shared, found.relabelled) == ({"train": 1, "eval": 1}, 0)
    dropped = ingest(copied, listing=CorpusSettings(duplicates="drop"))
    assert [row["video_id"] for row in dropped.rejects] == ["copy"]
    assert {r.video_id for r in dropped.records("train")} == {"steady", "uneven"}
    assert detector.begun == 4, "nothing is decoded again for it"


def test_mirrored_copies_are_no_duplicates_and_go_with_their_originals(copied, ingest, detector):
    settings = CorpusSettings(mirrored="copies", duplicates="drop")
    ingested = ingest(copied, listing=settings)
    found = Duplicates.from_json(ingested.clip_counts["duplicates"])
    assert found.clips == {"train": 3, "eval": 1}
    assert found.dropped == 1
    assert {row["video_id"] for row in ingested.rejects} == {"copy", "copy~mirrored"}
