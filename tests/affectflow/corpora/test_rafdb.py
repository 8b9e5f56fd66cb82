from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.remarks import collected
from affectflow.errors import InputError

ADAPTER = get_adapter("rafdb")
LIST = "EmoLabel/list_patition_label.txt"
LANDMARKS = "103.0\t57.2\n142.0\t58.1\n120.4\t81.0\n104.9\t98.7\n138.2\t99.1\n"
EMOTIONS = ["surprise", "fear", "disgust", "joy", "sadness", "anger", "neutral"]


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


def images(*names):
    return {f"Image/aligned/{name}_aligned.jpg": "" for name in names}


def attributes(name, *codes):
    text = LANDMARKS + "".join(f"{code}\n" for code in codes)
    return {f"Annotation/manual/{name}_manu_attri.txt": text}


@pytest.mark.parametrize("above", ["", "basic/", "RAF-DB/basic/"])
def test_the_layout_as_distributed(tree, above):
    names = [f"train_0000{i}" for i in range(1, 7)] + ["test_0001"]
    lines = "".join(f"{name}.jpg {label}\n" for label, name in enumerate(names, 1))
    files = {LIST: lines} | images(*names) | {"Image/original/train_00001.jpg": ""}
    root = tree({above + name: text for name, text in files.items()})
    clips = listed(root)
    assert {clip.video_id: (clip.split, clip.classes) for clip in clips} == {
        name: (name.split("_")[0].replace("test", "eval"), (("expression", emotion),))
        for name, emotion in zip(names, EMOTIONS)
    }
    assert [clip.video_id for clip in clips] == sorted(names)
    assert all(clip.subject_id == clip.video_id for clip in clips), "nobody knows who is in it"
    assert clips[1].source == root / above / "Image/aligned/train_00001_aligned.jpg"
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)
    assert clips == listed(root)


def test_files_in_another_letter_case(tree):
    files = {LIST: "TRAIN_00001.JPG 5\ntest_0001.jpg 4\n"} | attributes("Train_00001", 0, 0, 2)
    files |= {"Image/aligned/Train_00001_aligned.JPG": "", "Image/original/test_0001.jpg": ""}
    with collected() as remarks:
        clips = listed(tree(files))
    assert [(clip.video_id, clip.source.is_file()) for clip in clips] == [
        ("test_0001", True), ("train_00001", True)
    ]  # fmt: skip
    assert dict(clips[1].classes) == {
        "expression": "sadness", "gender": "male", "race": "caucasian", "age": "20-39"
    }  # fmt: skip
    assert len(remarks) == 1
    assert "1 images without an attribute file (test_0001)" in remarks[0]


def test_a_list_of_other_images_shows_both_sides(tree):
    files = {LIST: "train_00001.jpg 5\n", "Image/aligned/face_1.jpg": ""}
    with pytest.raises(InputError) as e:
        listed(tree(files))
    assert "1 labels without an image (train_00001)" in str(e.value)
    assert "1 files without a label (face_1.jpg)" in str(e.value)


def test_attributes(tree, caplog):
    names = [f"train_0000{i}" for i in range(7)] + ["test_0001"]
    root = tree(
        {LIST: "".join(f"{name}.jpg 4\n" for name in names)}
        | images(*names)
        | attributes(names[0], 0, 0, 0)
        | attributes(names[1], 1, 1, 1)
        | attributes(names[2], 2, 2, 2)
        | attributes(names[3], 0, 0, 3)
        | attributes(names[4], 0, 0, 4)
        | attributes(names[5], 3, 0, 0)
        | attributes(names[6], 0, 0)
    )
    clips = {clip.video_id: [name for _, name in clip.classes] for clip in listed(root)}
    assert [clips[name] for name in names] == [
        ["joy", "male", "caucasian", "0-3"],
        ["joy", "female", "african_american", "4-19"],
        ["joy", "unsure", "asian", "20-39"],
        ["joy", "male", "caucasian", "40-69"],
        ["joy", "male", "caucasian", "70+"],
        ["joy"],
        ["joy"],
        ["joy"],
    ]
    assert "2 attribute files that cannot be read (train_00005, train_00006)" in caplog.text


def test_the_original_where_there_is_no_aligned_image_and_images_that_are_not_there(tree, caplog):
    root = tree(
        {
            LIST: "train_00001.jpg 5\ntrain_00002.jpg 5\n\ntest_0001.jpg 5\nfoo.jpg 5\n",
            "Image/original/train_00001.jpg": "",
            "Image/original/test_0001.jpg": "",
            "Image/aligned/test_0001_aligned.jpg": "",
        }
    )
    with caplog.at_level(logging.INFO):
        clips = listed(root)
    assert [clip.source.relative_to(root).as_posix() for clip in clips] == [
        "Image/aligned/test_0001_aligned.jpg",
        "Image/original/train_00001.jpg",
        "Image/aligned/train_00002_aligned.jpg",
    ]
    assert not clips[2].source.exists()
    assert "1 images that are not there (train_00002)" in caplog.text
    assert "1 do not fit rafdb and are left out (list_patition_label.txt, line 5: 'foo.jpg 5')" in (
        caplog.text
    )


def test_the_compound_list_is_left_alone(tree):
    basic = {LIST: "train_00001.jpg 5\ntest_0001.jpg 1\n"} | images("train_00001", "test_0001")
    compound = {LIST: "train_00001.jpg 11\n"} | images("train_00001")
    root = tree(
        {f"basic/{name}": text for name, text in basic.items()}
        | {f"compound/{name}": text for name, text in compound.items()}
    )
    clips = listed(root)
    assert [dict(clip.classes)["expression"] for clip in clips] == ["surprise", "sadness"]
    assert clips[1].source == root / "basic/Image/aligned/train_00001_aligned.jpg"
    for settings in ({"annotations": f"compound/{LIST}"}, {}):
        with pytest.raises(InputError, match="is the list of RAF-DB's compound expressions"):
            listed(root if settings else root / "compound", **settings)
    (root / "compound").rename(root / "eleven")
    with pytest.raises(InputError, match="several of the file that rafdb is read from"):
        listed(root)
    with pytest.raises(InputError, match=r"line 1: the label is 11; basic expressions are 1 to 7"):
        listed(root, annotations=f"eleven/{LIST}")
    assert len(listed(root, annotations=f"basic/{LIST}")) == 2


def test_wrong_layouts(tree):
    root = tree({"train/1/a.jpg": ""})
    with pytest.raises(InputError) as e:
        listed(root)
    assert (
        "looked for the list EmoLabel/list_patition_label.txt with lines 'train_00001.jpg 5'"
        in (str(e.value))
    )
    assert "found 1 other files (train/1/a.jpg)" in str(e.value)
    root = tree({LIST: "train_00001.jpg 5\n"})
    with pytest.raises(InputError, match=r"found 1 labels without an image \(train_00001\)"):
        listed(root)


def test_an_image_that_is_there_twice(tree):
    root = tree({LIST: "train_00001.jpg 5\n", "old/train_00001_aligned.jpg": ""})
    assert len(listed(root)) == 1
    root = tree(images("train_00001"))
    with pytest.raises(InputError, match=r"train_00001_aligned.jpg is there 2 times, .*/old/"):
        listed(root)
