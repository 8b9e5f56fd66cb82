"""What is the same for every corpus: mirrored copies, and the split by image."""

from __future__ import annotations

from collections import Counter

import pytest

from affectflow.corpora.adapter import CorpusSettings, adapter_names, get_adapter
from affectflow.corpora.listing import list_clips
from affectflow.corpora.mirrored import person_of
from affectflow.errors import InputError

PEOPLE = 30
CROPS = {f"happy/S{i:03d}_006_0000001{j}.png": "" for i in range(PEOPLE) for j in range(3)}


def test_by_default_it_is_what_the_adapter_lists(tree):
    root = tree(CROPS)
    settings = CorpusSettings()
    assert list_clips("ckplus48", root, settings) == get_adapter("ckplus48").list_clips(
        root, settings
    )


@pytest.mark.parametrize("split_by", ["subject", "image"])
def test_a_person_and_his_mirror_image_are_in_one_split(tree, split_by):
    root = tree(CROPS)
    plain = list_clips("ckplus48", root, CorpusSettings(split_by=split_by))
    both = list_clips("ckplus48", root, CorpusSettings(split_by=split_by, mirrored="copies"))
    assert len(both) == 2 * len(plain)
    splits = {clip.subject_id: clip.split for clip in plain}
    assert {(person_of(c.subject_id), c.split) for c in both if c.mirrored} == set(splits.items())
    assert [clip for clip in both if not clip.mirrored] == plain


def test_by_image_a_person_stands_on_both_sides(tree):
    clips = list_clips("ckplus48", tree(CROPS), CorpusSettings(split_by="image"))
    assert {clip.subject_id for clip in clips} == {
        f"{clip.video_id.split('_')[0]}/{clip.video_id}" for clip in clips
    }
    # 90 images, a fifth of them held out: a standard deviation of 3.8.
    assert Counter(clip.split for clip in clips)["eval"] == pytest.approx(18, abs=12)
    sides = {(clip.video_id.split("_")[0], clip.split) for clip in clips}
    assert len(sides) > PEOPLE


OWN_SPLIT = {
    "affwild2": {"annotations/VA_Set/Train_Set/a.txt": "valence,arousal\n0,0\n", "a.mp4": ""},
    "afew": {"Train/Angry/1.avi": "", "Val/Angry/2.avi": ""},
    "fer2013": {"fer2013.csv": "emotion,pixels,Usage\n3,0 1 2 3,Training\n4,0 1 2 3,PublicTest\n"},
    "folder": {"a.mp4": "", "b.mp4": ""},
}


@pytest.mark.parametrize("corpus", OWN_SPLIT)
def test_a_corpus_with_a_split_of_its_own_is_not_split_by_image(tree, corpus):
    root = tree(OWN_SPLIT[corpus])
    assert list_clips(corpus, root, CorpusSettings())
    with pytest.raises(InputError, match=f"split_by is 'image', but {corpus} is split by its own"):
        list_clips(corpus, root, CorpusSettings(split_by="image"))


def test_an_unknown_corpus():
    with pytest.raises(InputError, match=f"corpus is 'ck'; it must be one of {adapter_names()[0]}"):
        list_clips("ck", None, CorpusSettings())
