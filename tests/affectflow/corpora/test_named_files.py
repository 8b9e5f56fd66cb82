from __future__ import annotations

import logging
import os

import pytest

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.classes import TASKS
from affectflow.corpora.expression_words import _WORDS, expression_of
from affectflow.corpora.named_files import Found, Survey
from affectflow.corpora.remarks import collected
from affectflow.errors import InputError

SETTINGS = CorpusSettings()


def survey(root):
    return Survey(root, "toy", "files a1.txt: person, number")


def one(path, subject="a", split="", **kinds):
    return Found(path.stem, subject, path, {"expression": "joy"}, split, **kinds)


def test_files_are_found_at_any_depth_and_hidden_ones_are_not(tree):
    root = tree({"x/a1.txt": "", "b1.txt": "", ".c1.txt": "", ".h/d1.txt": "", "e.csv": ""})
    found = survey(root).files(lambda name: name.endswith(".txt"))
    assert [path.relative_to(root).as_posix() for path in found] == ["b1.txt", "x/a1.txt"]


def test_nothing_that_fits_says_what_was_looked_for_where_and_what_was_found(tree):
    root = tree({f"{name}.txt": "" for name in "vwxyz"} | {"e.csv": ""})
    seen = survey(root)
    for path in seen.files(lambda name: name.endswith(".txt")):
        seen.leave_out("files of song", path) if path.stem == "v" else seen.misfit(path)
    with pytest.raises(InputError) as e:
        seen.clips([], SETTINGS)
    assert str(e.value) == (
        f"{root} holds no clip of toy: looked for files a1.txt: person, number, at any depth; "
        "found 1 files of song (v.txt) and 4 that do not fit (w.txt, x.txt, y.txt, …); "
        "give the folder that holds the corpus as its owners distribute it"
    )


@pytest.mark.parametrize(
    ("files", "found"),
    [({"e.csv": "", "x/f.csv": ""}, r"found 2 other files \(e.csv, x/f.csv\)"), ({}, "no file")],
)
def test_a_folder_of_something_else(tree, files, found):
    seen = survey(tree(files))
    assert not list(seen.files(lambda name: name.endswith(".txt")))
    with pytest.raises(InputError, match=found):
        seen.clips([], SETTINGS)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        survey(tmp_path / "nowhere")


def test_what_is_left_out_is_counted_and_named(tree, caplog):
    root = tree({"a1.txt": ""})
    seen = survey(root)
    for number in range(4):
        seen.leave_out("files of song", f"s{number}")
    seen.misfit("line 3")
    seen.note("images that are not there", "a9")
    with caplog.at_level(logging.INFO):
        seen.clips([one(root / "a1.txt")], SETTINGS)
    assert "4 files of song left out (s0, s1, s2, …)" in caplog.text
    assert "1 do not fit toy and are left out (line 3)" in caplog.text
    assert "1 images that are not there (a9)" in caplog.text


def test_media_that_nothing_reads_are_remarked_and_companions_are_not(tree):
    root = tree(dict.fromkeys(["a1.txt", "b.webp", "c.mp4.part", "sound.wav", "d.jpg"], ""))
    seen = survey(root)
    found = [one(path) for path in seen.files(lambda name: name.endswith(".txt"))]
    with collected() as remarks:
        seen.clips(found, SETTINGS)
    assert remarks == [
        f"{root}: passed over, as nothing here reads them: 1 .part (such as c.mp4.part), "
        "1 .webp (such as b.webp)"
    ]


def test_of_one_clip_in_several_formats_the_original_is_taken(tree, caplog):
    root = tree({})
    found = [one(root / "x" / "a1.mp4"), one(root / "a1.flv"), one(root / "a1.avi")]
    with caplog.at_level(logging.INFO):
        (clip,) = survey(root).clips(found, SETTINGS, originals=(".flv", ".mp4"))
    assert clip.source == root / "a1.flv"
    assert "2 copies in another format left out (x/a1.mp4, a1.avi)" in caplog.text


def test_of_two_files_of_one_name_and_format_none_is_preferred(tree):
    root = tree({})
    found = [one(root / "x" / "a1.flv"), one(root / "y" / "a1.flv"), one(root / "a1.mp4")]
    with pytest.raises(InputError, match=r"video_id 'a1' stands for two clips, .*x/a1.flv"):
        survey(root).clips(found, SETTINGS, originals=(".flv",))


def test_the_corpus_split_holds_and_else_the_hash_of_whatever_decides(tree):
    root = tree({})
    told = [one(root / "a.txt", "a", "train"), one(root / "b.txt", "b", "eval")]
    assert [clip.split for clip in survey(root).clips(told, SETTINGS)] == ["train", "eval"]
    shared = [one(root / f"{n}.txt", f"s{n}", split_as=f"p{n // 2}") for n in range(20)]
    splits = [clip.split for clip in survey(root).clips(shared[::-1], SETTINGS)]
    by_id = dict(zip(sorted(found.video_id for found in shared), splits))
    assert set(splits) == {"train", "eval"}
    assert all(by_id[str(n)] == by_id[str(n + 1)] for n in range(0, 20, 2))


def test_a_corpus_of_which_only_the_training_set_is_there_is_split(tree, caplog):
    root = tree({})
    found = [one(root / f"{n}.txt", str(n), "train") for n in range(20)]
    clips = survey(root).clips(found, SETTINGS)
    assert {clip.split for clip in clips} == {"train", "eval"}
    assert "has no clips for evaluation; splitting its subjects" in caplog.text


def test_the_file_that_a_corpus_is_read_from(tree):
    root = tree({"x/t.csv": "", "y/t.csv": ""})
    paths = [root / "x/t.csv", root / "y/t.csv"]
    assert survey(root).single(paths[:1], SETTINGS) == paths[0]
    with pytest.raises(InputError, match=r"several .*x/t.csv, y/t.csv; set annotations to one"):
        survey(root).single(paths, SETTINGS)
    assert survey(root).single([], CorpusSettings(annotations="y/t.csv")) == paths[1]
    with pytest.raises(
        InputError, match=r"annotations is 'z.csv', but .*z.csv is not a file; looked for files a1"
    ):
        survey(root).single(paths, CorpusSettings(annotations="z.csv"))


def test_names_that_are_not_utf8_can_be_said(tree):
    root = tree({})
    with open(os.fsencode(root) + b"/caf\xe9.txt", "wb"):
        pass
    seen = survey(root)
    for path in seen.files(lambda name: True):
        seen.misfit(path)
    with pytest.raises(InputError, match=r"caf\\xe9.txt"):
        seen.clips([], SETTINGS)


def test_words_for_expressions():
    assert set(_WORDS) <= set(TASKS["expression"])
    words = ["Happy", "ANGRY", "embarrass", "sad", "neutral", "song", ""]
    assert [expression_of(word) for word in words] == [
        "joy", "anger", "embarrassment", "sadness", "neutral", "", "",
    ]  # fmt: skip
