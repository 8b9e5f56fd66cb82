"""What nobody foresaw is a clip's rejection; a fault of the machine or the code ends the build."""

from __future__ import annotations

import errno
import zipfile

import pytest

from affectflow.corpora.adapter import CorpusSettings
from affectflow.unforeseen import MachineFault, RepeatedFault
from components.video_example_gen import decode
from tests.components.video_example_gen.conftest import ReadingDetector


class Odd(ReadingDetector):
    """Fails on pictures with a green of 200 and more, and is of no use from then on."""

    def __init__(self) -> None:
        self.broken = False

    def detect(self, rgb):
        self.broken |= rgb[0, 0, 1] >= 200
        if self.broken:
            raise RuntimeError("the graph has errors:\nnode 7 got nothing")
        return super().detect(rgb)


@pytest.fixture
def odd(monkeypatch):
    monkeypatch.setattr(decode, "create_detector", lambda settings: Odd())


@pytest.fixture
def corpus(tmp_path, render_clip):
    """corpus(codes) -> a folder of clips a, b, c … of these greens, the last of them to evaluate"""

    def make(*codes: int):
        rows = ["video,frame,valence,arousal,subject,split"]
        for number, code in enumerate(codes):
            name = "abcdefgh"[number]
            render_clip(tmp_path / "corpus" / f"{name}.mkv", code, 3 + number)
            split = "eval" if number == len(codes) - 1 else "train"
            rows.append(f"{name},0,0.1,0.2,{name},{split}")
        (tmp_path / "corpus" / "labels.csv").write_text("\n".join(rows) + "\n")
        return tmp_path / "corpus"

    return make


def test_two_in_a_row_are_rejections(corpus, ingest, odd, caplog):
    root = corpus(10, 200, 210, 20, 220, 30)
    ingested = ingest(root, max_reject_share=0.5, beam=["--direct_num_workers=1"])
    assert [row["video_id"] for row in ingested.rejects] == ["b", "c", "e"]
    assert {row["cause"] for row in ingested.rejects} == {"unforeseen"}
    details = [row["detail"] for row in ingested.rejects]
    assert details[0] == f"{root / 'b.mkv'}: RuntimeError: the graph has errors:"
    # The detector that broke was given up: those after it were looked at with another.
    assert {r.video_id for r in ingested.records("train")} == {"a", "d"}
    warned = [r.getMessage() for r in caplog.records if r.name == "affectflow.unforeseen"]
    assert sum("clip b is rejected: " in line for line in warned) == 1

    # It is the same of a corpus whose other clips are in the store, and nothing is remembered.
    again = ingest(root, max_reject_share=0.5)
    assert again.rejects == ingested.rejects
    assert again.contents() == ingested.contents()


def test_three_in_a_row_reject_nobody(corpus, ingest, odd, monkeypatch, tmp_path):
    root = corpus(10, 200, 210, 220, 30)
    with pytest.raises(RepeatedFault, match=r"3 clips in a row, b, c, d: builtins\.RuntimeError"):
        ingest(root, max_reject_share=1, folder=tmp_path / "out")
    assert not (tmp_path / "out/rejects/rejects.jsonl").exists()
    assert not list((tmp_path / "out/examples").iterdir())
    # Mended, it goes on: nothing was remembered against any of them.
    monkeypatch.setattr(Odd, "detect", ReadingDetector.detect)
    assert ingest(root).rejects == []


def test_one_file_and_its_mirror_image_are_no_row(corpus, ingest, odd):
    listing = CorpusSettings(mirrored="copies")
    ingested = ingest(corpus(10, 200, 210, 30), listing=listing, max_reject_share=0.5)
    assert len(ingested.rejects) == 4


def test_a_corpus_of_two_of_which_one_fails(corpus, ingest, odd):
    # It is a rejection like any other: that nothing is left to train on is said with its cause.
    with pytest.raises(
        Exception, match=r"split train were rejected.* a: an error came up that nob"
    ):
        ingest(corpus(200, 10), max_reject_share=1)


def test_a_store_that_is_full_ends_the_build_and_names_the_clip(
    corpus, ingest, detector, monkeypatch, tmp_path
):
    def full(self, name, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    root = corpus(10, 20)
    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "writestr", full)
        with pytest.raises(Exception, match=r"clip '\w' .*No space left on device"):
            ingest(root, folder=tmp_path / "out", max_reject_share=1)
    assert not (tmp_path / "out/rejects/rejects.jsonl").exists()
    assert ingest(root).rejects == []


def test_want_of_memory_ends_the_build(corpus, ingest, detector, monkeypatch):
    monkeypatch.setattr(detector, "detect", lambda self, rgb: bytearray(1 << 62))
    with pytest.raises(MachineFault, match="out of memory: MemoryError"):
        ingest(corpus(10, 20), max_reject_share=1)
