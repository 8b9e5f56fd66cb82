"""Bad clips are rejected with their causes and the build goes on, up to the limit."""

from __future__ import annotations

import pytest

from affectflow.corpora.duplicates import Duplicates
from affectflow.errors import InputError, RejectedClip
from affectflow.records.counts import FrameCounts
from components.video_example_gen.refuse import EmptySplit, TooManyRejects


@pytest.fixture
def corpus(tmp_path, render_clip):
    """Two good clips, and five that are not: in all seven."""
    root = tmp_path / "corpus"
    render_clip(root / "good.mkv", 0, 6)
    render_clip(root / "kept.mkv", 0, 4)
    render_clip(root / "faceless.mkv", 0, 5, nobody=range(5))
    render_clip(root / "beyond.mkv", 0, 4)
    render_clip(root / "short.mkv", 0, 3)
    (root / "empty.mp4").write_bytes(b"")
    (root / "letter.mp4").write_text("Dear reader, this is no video.\n" * 100)
    rows = ["video,frame,valence,arousal,subject,split"]
    for name, frames, split in (
        ("good", 6, "train"), ("kept", 4, "eval"), ("faceless", 5, "train"), ("beyond", 4, "train"),
        ("short", 9, "train"), ("empty", 2, "train"), ("letter", 2, "eval"),
    ):  # fmt: skip
        for frame in range(frames):
            valence = 1.5 if name == "beyond" and frame == 2 else 0.1
            rows.append(f"{name},{frame},{valence},0.2,{name},{split}")
    (root / "labels.csv").write_text("\n".join(rows) + "\n")
    return root


CAUSES = {
    "beyond": "bad_labels",
    "empty": "unreadable",
    "faceless": "no_face",
    "letter": "unreadable",
    "short": "labels_do_not_fit",
}


def test_each_cause_is_recorded_and_the_rest_is_built(corpus, ingest, detector):
    ingested = ingest(corpus, max_reject_share=0.72)
    assert {row["video_id"]: row["cause"] for row in ingested.rejects} == CAUSES
    details = {row["video_id"]: row["detail"] for row in ingested.rejects}
    assert "valence is 1.5; it must be in [-1, 1]" in details["beyond"]
    assert "names frame 8 but the clip has 3 frames" in details["short"]
    assert all(str(corpus) in detail for detail in details.values()), details
    assert {row["video_id"]: row["split"] for row in ingested.rejects}["letter"] == "eval"
    assert {r.video_id for r in ingested.records("train")} == {"good"}
    assert {r.video_id for r in ingested.records("eval")} == {"kept"}
    # Frames of rejected clips are nobody's: they are in the rejects, not in the accounts.
    assert ingested.counts == {
        "train": FrameCounts(decoded=6, kept=6),
        "eval": FrameCounts(decoded=4, kept=4),
    }
    counts = ingested.clip_counts
    assert Duplicates.from_json(counts.pop("duplicates")).told() == ["no two clips show the same"]
    assert counts == {
        "listed": 7,
        "used": 2,
        "remarks": [],
        "rejected": {"bad_labels": 1, "labels_do_not_fit": 1, "no_face": 1, "unreadable": 2},
    }


def test_too_many_rejects_stop_the_build_and_are_named(corpus, ingest, detector, tmp_path):
    # Five of seven are 0.714.
    with pytest.raises(TooManyRejects) as raised:
        ingest(corpus, max_reject_share=0.71, folder=tmp_path / "out")
    message = str(raised.value)
    assert message.startswith("5 of 7 clips were rejected, more than max_reject_share=0.71 allows:")
    assert all(f"{n}: {RejectedClip.CAUSES[cause]}" in message for n, cause in CAUSES.items())
    # The list is there to be read although the build failed; nothing that a later step could take
    # for frames is.
    lines = (tmp_path / "out/rejects/rejects.jsonl").read_text().splitlines()
    assert len(lines) == 5
    assert not list((tmp_path / "out/examples").iterdir())


def test_a_rejection_is_remembered(corpus, ingest, detector):
    first = ingest(corpus, max_reject_share=1)
    begun = detector.begun
    assert ingest(corpus, max_reject_share=1).rejects == first.rejects
    assert detector.begun == begun


def test_a_corpus_of_rejects_alone(tmp_path, ingest, detector, render_clip):
    render_clip(tmp_path / "corpus" / "a.mkv", 0, 3, nobody=range(3))
    with pytest.raises(EmptySplit, match=r"all 1 clips of split train .* no face was found"):
        ingest(tmp_path / "corpus", max_reject_share=1)


def test_a_split_of_rejects_alone_is_an_error_that_says_why(corpus, ingest, detector, tmp_path):
    labels = corpus / "labels.csv"
    labels.write_text("".join(
        line for line in labels.read_text().splitlines(keepends=True) if "kept" not in line
    ))  # fmt: skip
    (corpus / "kept.mkv").unlink()
    with pytest.raises(EmptySplit) as raised:
        ingest(corpus, max_reject_share=1, folder=tmp_path / "out")
    message = str(raised.value)
    assert "all 1 clips of split eval were rejected, so nothing is left to evaluate on" in message
    assert f"letter: {RejectedClip.CAUSES['unreadable']}" in message
    assert not list((tmp_path / "out/examples").iterdir())


@pytest.mark.parametrize(("split", "purpose"), [("train", "evaluate"), ("eval", "train")])
def test_a_labelled_corpus_of_one_split_alone(
    tmp_path, ingest, detector, render_clip, split, purpose
):
    rows = ["video,frame,valence,arousal,subject,split"]
    for number, name in enumerate("ab"):
        render_clip(tmp_path / "corpus" / f"{name}.mkv", 10 * number, 3)
        rows.append(f"{name},0,0,0,anna,{split}")
    (tmp_path / "corpus" / "labels.csv").write_text("\n".join(rows))
    with pytest.raises(
        InputError,
        match=f"no clip to {purpose} on: its 2 clips are all in split {split}, of 1 subjects",
    ):
        ingest(tmp_path / "corpus")
    assert detector.begun == 0, "it is known before any video is decoded"


def test_faces_without_labels_need_no_split(tmp_path, ingest, detector, render_clip):
    render_clip(tmp_path / "corpus" / "a.mkv", 0, 3)
    ingested = ingest(tmp_path / "corpus")
    assert ingested.examples.split_names == '["train"]'
    assert len(ingested.records("train")) == 3


def test_an_empty_folder(tmp_path, ingest):
    (tmp_path / "corpus").mkdir()
    with pytest.raises(InputError, match="holds no video"):
        ingest(tmp_path / "corpus")


def test_a_subject_in_both_splits_is_refused(tmp_path, ingest, render_clip):
    for name in "ab":
        render_clip(tmp_path / "corpus" / f"{name}.mkv", 0, 3)
    (tmp_path / "corpus" / "labels.csv").write_text(
        "video,frame,valence,arousal,subject,split\na,0,0,0,anna,train\nb,0,0,0,anna,eval\n"
    )
    with pytest.raises(InputError, match="subject 'anna' stands in both splits"):
        ingest(tmp_path / "corpus")
