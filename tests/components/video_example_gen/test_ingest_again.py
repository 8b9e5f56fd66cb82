"""Nothing is done twice, nothing is lost, and how the work is spread changes nothing."""

from __future__ import annotations

import shutil

import pytest

from affectflow.faces.store import FaceStore
from components.video_example_gen import write


@pytest.fixture
def corpus(labelled_corpus, tmp_path):
    return shutil.copytree(labelled_corpus, tmp_path / "corpus")


def test_only_what_is_new_is_decoded(corpus, ingest, detector, render_clip):
    first = ingest(corpus)
    assert detector.begun == 3
    again = ingest(corpus)
    assert detector.begun == 3, "an unchanged corpus is decoded again"
    assert again.contents() == first.contents()

    # Another video under the same name and of the same length.
    render_clip(corpus / "uneven.mkv", 200, 20)
    changed = ingest(corpus)
    assert detector.begun == 4
    before, after = first.of("uneven"), changed.of("uneven")
    assert [r.frame_index for r in after] == [r.frame_index for r in before]
    assert after[0].source_digest != before[0].source_digest
    assert after[0].face != before[0].face
    assert [r.serialize() for r in changed.of("steady")] == [
        r.serialize() for r in first.of("steady")
    ]

    # Labels are no part of what is stored, so changing them decodes nothing.
    table = (corpus / "labels.csv").read_text().replace(",0.07,-0.07,", ",0.75,-0.75,")
    (corpus / "labels.csv").write_text(table)
    relabelled = ingest(corpus)
    assert detector.begun == 4
    assert [r.valence for r in relabelled.of("held out")][6:9] == pytest.approx([0.06, 0.75, 0.08])


def test_a_build_that_broke_goes_on_where_it_was(corpus, ingest, detector):
    whole = ingest(corpus, store="another").contents()
    detector.begun = 0
    detector.fail_after = 2
    with pytest.raises(Exception, match="the machine went down"):
        ingest(corpus, beam=["--direct_num_workers=1"])
    assert detector.begun == 2
    detector.fail_after = None
    resumed = ingest(corpus)
    assert detector.begun == 3, "two clips were in the store and one was missing"
    assert resumed.contents() == whole


def test_a_shard_that_breaks_is_absent(corpus, ingest, detector, monkeypatch, tmp_path):
    class Failing(write.FrameRecord):
        def serialize(self) -> bytes:
            if self.video_id == "uneven" and self.frame_index == 9:
                raise RuntimeError("the machine went down")
            return super().serialize()

    monkeypatch.setattr(write, "FrameRecord", Failing)
    with pytest.raises(Exception, match="the machine went down"):
        ingest(corpus, shard_frames=10, folder=tmp_path / "out")
    # Faces of "uneven" are numbers 26 to 45 of the split, so its frame 9 is the sixth record of
    # the shard 3: a good part of that was written.
    left = {path.name for path in (tmp_path / "out/examples/Split-train").iterdir()}
    whole = {f"data-{number:05d}-of-00005.tfrecord" for number in (0, 1, 2, 4)}
    assert left <= whole, "a shard that broke left something behind"
    assert not (tmp_path / "out/examples/clips.json").exists()

    monkeypatch.undo()
    begun = detector.begun
    assert len(ingest(corpus).records("train")) == 46
    assert begun == 3


def test_workers_and_threads_change_nothing(corpus, ingest, detector):
    one = ingest(corpus, store="one", shard_frames=7, beam=["--direct_num_workers=1"])
    many = ingest(
        corpus,
        store="many",
        shard_frames=7,
        beam=["--direct_num_workers=3", "--direct_running_mode=multi_threading"],
    )
    assert many.contents() == one.contents()
    assert many.counts == one.counts


def test_faces_that_leave_the_store_meanwhile(corpus, ingest, detector, monkeypatch):

    monkeypatch.setattr(write, "FaceStore", _Emptied)
    with pytest.raises(Exception, match=r"left the store .* while the build ran; run it again"):
        ingest(corpus)


class _Emptied(FaceStore):
    def get(self, key: str) -> None:
        return None
