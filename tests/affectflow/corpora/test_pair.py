"""Two corpora as one: where they are looked for, and who is held out."""

from __future__ import annotations

import dataclasses

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.listing import list_clips
from affectflow.corpora.pair import Member, Pair
from affectflow.errors import InputError

CROPS = {f"happy/S{i:03d}_006_0000001{j}.png": "" for i in range(12) for j in range(2)}
FACES = {f"{who}.HA1.{number}.tiff": "" for number, who in enumerate(("KA", "KL", "KM"), 1)}
SEQUENCES = {f"cohn-kanade-images/S{i:03d}/001/S{i:03d}_001_0000000{j}.png": ""
             for i in range(6) for j in (1, 2)} | {
    f"Emotion/S{i:03d}/001/S{i:03d}_001_00000002_emotion.txt": "5" for i in range(6)
}  # fmt: skip
ACTED = {f"VideoFlash/10{i:02d}_DFA_HAP_XX.flv": "" for i in range(6)}
SPOKEN = {f"Actor_0{i}/01-01-0{e}-01-01-01-0{i}.mp4": "" for i in (1, 2) for e in (2, 3)}
PAIRS = {
    "ckplus_jaffe": (("ckplus", "CK+", "cohnkanade"), SEQUENCES, ("jaffe", "JAFFE"), FACES),
    "ckplus48_jaffe": (("ckplus48", "CK+48", "CK+"), CROPS, ("jaffe", "Jaffe"), FACES),
    "cremad_ravdess": (("cremad", "CREMA-D", "Crema_D"), ACTED, ("ravdess", "RAVDESS"), SPOKEN),
}
NAMES = [(pair, one, two) for pair, (first, _, second, _) in PAIRS.items()
         for one in first for two in second]  # fmt: skip


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


@pytest.mark.parametrize(("pair", "one", "two"), NAMES)
def test_the_first_is_split_and_the_second_is_held_out(tree, pair, one, two):
    first, second = get_adapter(pair).first.corpus, get_adapter(pair).second.corpus
    _, trained, _, tested = PAIRS[pair]
    root = tree(below(one, trained) | below(two, tested) | {"README.txt": ""})
    settings = CorpusSettings(eval_fraction=0.3)
    clips = list_clips(pair, root, settings)
    alone = get_adapter(first).list_clips(root / one, settings)
    assert [clip for clip in clips if clip.corpus == first] == alone
    assert {clip.split for clip in alone} == {"train", "eval"}
    others = get_adapter(second).list_clips(root / two, settings)
    assert [clip for clip in clips if clip.corpus == second] == [
        dataclasses.replace(clip, split="eval") for clip in others
    ]
    assert [clip.video_id for clip in clips] == sorted(clip.video_id for clip in clips)
    assert all(get_adapter(pair).read_labels(clip) is None for clip in clips)


def test_a_folder_may_be_a_link(tree, tmp_path):
    root = tree(below("ckplus48", CROPS))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in FACES:
        (elsewhere / name).touch()
    (root / "JAFFE").symlink_to(elsewhere)
    clips = list_clips("ckplus48_jaffe", root, CorpusSettings())
    assert sum(clip.corpus == "jaffe" for clip in clips) == 3


def test_by_image_the_first_is_split_so_and_people_of_the_second_are_people(tree):
    root = tree(below("ckplus48", CROPS) | below("jaffe", FACES))
    clips = list_clips("ckplus48_jaffe", root, CorpusSettings(split_by="image"))
    assert {c.subject_id for c in clips if c.corpus == "jaffe"} == {"KA", "KL", "KM"}
    assert all("/" in clip.subject_id for clip in clips if clip.corpus == "ckplus48")


def test_mirrored_copies_are_of_both(tree):
    root = tree(below("ckplus48", CROPS) | below("jaffe", FACES))
    clips = list_clips("ckplus48_jaffe", root, CorpusSettings(mirrored="copies"))
    assert len(clips) == 2 * (len(CROPS) + len(FACES))
    assert {clip.split for clip in clips if clip.corpus == "jaffe"} == {"eval"}


def test_a_corpus_that_is_not_there_is_said_with_what_is(tree):
    root = tree(below("CK+48", CROPS) | {"ADFES/a.mp4": "", ".hidden/a": ""})
    with pytest.raises(InputError) as raised:
        list_clips("ckplus48_jaffe", root, CorpusSettings())
    assert str(raised.value) == (
        f"{root} holds no folder of jaffe: looked for jaffe, in upper or lower case; "
        f"found ADFES, CK+48; put jaffe, or a link to it, into {root / 'jaffe'}"
    )
    with pytest.raises(InputError, match="no folder of cremad: looked for cremad or crema-d or"):
        list_clips("cremad_ravdess", root, CorpusSettings())
    with pytest.raises(InputError, match="does not exist"):
        list_clips("cremad_ravdess", root / "gone", CorpusSettings())


def test_two_folders_of_one_corpus(tree):
    root = tree(below("CK+48", CROPS) | below("ckplus48", CROPS) | below("jaffe", FACES))
    with pytest.raises(InputError, match=r"several folders of ckplus48: CK\+48, ckplus48; keep"):
        list_clips("ckplus48_jaffe", root, CorpusSettings())


def test_ids_that_clash_are_refused(tree):
    twice = Pair("twice", Member("jaffe", ("one",)), Member("jaffe", ("two",)))
    root = tree(below("one", FACES) | below("two", FACES))
    with pytest.raises(InputError, match=r"video_id 'KA.HA1.1' stands for two clips"):
        twice.list_clips(root, CorpusSettings())
