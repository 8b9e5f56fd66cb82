"""Files of labels in whose place something else stands are named as what they are."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.annotation_text import read_annotation
from affectflow.corpora.pixel_table import open_table
from affectflow.errors import InputError, RejectedClip, TransientReject

# As a clone without Git LFS holds it (git-lfs, docs/spec.md), and as a download saves a login.
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 117132\n"
)
PAGE = "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"
KINDS = [(POINTER, "is a pointer of Git LFS .*'git lfs pull'"), (PAGE, "is a web page")]


@pytest.mark.parametrize(("text", "words"), KINDS)
@pytest.mark.parametrize(
    ("corpus", "table", "beside"),
    [
        ("folder", "labels.csv", ["a.mp4"]),
        ("fer2013", "fer2013.csv", []),
        ("affwild2", "subjects.csv", ["a.mp4", "VA_Set/Train_Set/a.txt"]),
        ("cremad", "VideoDemographics.csv", ["1001_DFA_ANG_XX.flv"]),
        ("ckplus", "Emotion/S005/001/S005_001_00000001_emotion.txt",
         ["cohn-kanade-images/S005/001/S005_001_00000001.png"]),
        ("rafdb", "EmoLabel/list_patition_label.txt", ["Image/aligned/train_00001_aligned.jpg"]),
    ],
)  # fmt: skip
def test_a_table_that_is_none_is_named(tree, corpus, table, beside, text, words):
    root = tree({**dict.fromkeys(beside, ""), table: text})
    with pytest.raises(InputError, match=f"{Path(table).name}: {words}"):
        get_adapter(corpus).list_clips(root, CorpusSettings())


@pytest.mark.parametrize(("text", "words"), KINDS)
def test_an_annotation_of_one_clip_that_is_none_is_named(tmp_path, text, words):
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(RejectedClip, match=rf"bad_labels: .*a\.txt: {words}"):
        read_annotation(tmp_path / "a.txt")


def test_a_table_that_cannot_be_read_now_may_be_well_another_time(tree, monkeypatch):
    root = tree({"fer2013.csv": "emotion,pixels,Usage\n0,0,Training\n"})

    def failing(*_, **__):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as night:
        night.setattr(Path, "open", failing)
        with pytest.raises(TransientReject, match="Input/output error"):
            get_adapter("fer2013").list_clips(root, CorpusSettings())
    table = open_table(root / "fer2013.csv")
    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(TransientReject, match="Input/output error"):
        table.image(0)
