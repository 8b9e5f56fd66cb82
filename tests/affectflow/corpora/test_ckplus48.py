from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError

ADAPTER = get_adapter("ckplus48")
FOLDERS = {
    "anger": "anger",
    "contempt": "contempt",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "joy",
    "sadness": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


@pytest.mark.parametrize("above", ["", "CK+48/", "ck/CK+48/"])
def test_the_folder_says_the_emotion(tree, above):
    files = {f"{above}{name}/S01{i}_004_0000001{i}.png": "" for i, name in enumerate(FOLDERS)}
    root = tree(files)
    clips = listed(root)
    assert [(clip.video_id, clip.subject_id) for clip in clips] == [
        (f"S01{i}_004_0000001{i}", f"S01{i}") for i in range(8)
    ]
    assert [clip.classes for clip in clips] == [
        (("expression", name),) for name in FOLDERS.values()
    ]
    assert clips[0].source == root / above / "anger/S010_004_00000010.png"
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)


def test_what_does_not_fit_is_counted(tree, caplog):
    root = tree(
        {
            "anger/S010_004_00000017.png": "",
            "other/S010_004_00000018.png": "",
            "anger/face1.png": "",
            "anger/notes.txt": "",
            "fear/.S010_004_00000019.png": "",
        }
    )
    with caplog.at_level(logging.INFO):
        assert [clip.video_id for clip in listed(root)] == ["S010_004_00000017"]
    assert (
        "2 do not fit ckplus48 and are left out (anger/face1.png, other/S010_004_00000018.png)"
        in caplog.text
    )


def test_a_subject_is_in_one_split_and_the_same_as_in_ckplus(tree):
    files = {f"happy/S{i:03d}_006_0000001{j}.png": "" for i in range(30) for j in range(3)}
    whole = {f"cohn-kanade-images/S{i:03d}/006/S{i:03d}_006_00000001.png": "" for i in range(30)}
    whole |= {f"cohn-kanade-images/S{i:03d}/006/S{i:03d}_006_00000002.png": "" for i in range(30)}
    whole |= {f"Emotion/S{i:03d}/006/S{i:03d}_006_00000002_emotion.txt": "5" for i in range(30)}
    root = tree({f"crops/{name}": "" for name in files} | {f"ck/{n}": t for n, t in whole.items()})
    crops = listed(root / "crops")
    assert crops == listed(root / "crops")
    splits = {(clip.subject_id, clip.split) for clip in crops}
    assert len(splits) == 30
    ckplus = get_adapter("ckplus").list_clips(root / "ck", CorpusSettings())
    assert splits == {(clip.subject_id, clip.split) for clip in ckplus}


def test_a_corpus_of_another_kind(tree):
    with pytest.raises(InputError) as e:
        listed(tree({"jaffe/KA.AN1.39.tiff": ""}))
    assert "looked for images anger/S010_004_00000017.png" in str(e.value)
    assert "found 1 that do not fit (jaffe/KA.AN1.39.tiff)" in str(e.value)


def test_an_image_in_two_folders(tree):
    root = tree({"anger/S010_004_00000017.png": "", "fear/S010_004_00000017.png": ""})
    with pytest.raises(InputError, match="'S010_004_00000017' stands for two clips"):
        listed(root)
