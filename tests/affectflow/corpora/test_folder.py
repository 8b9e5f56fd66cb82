from __future__ import annotations

import os
import unicodedata

import numpy as np
import pytest

from affectflow.corpora import label_table
from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.manifest import Manifest, build_manifest
from affectflow.corpora.remarks import collected
from affectflow.errors import InputError, RejectedClip

ADAPTER = get_adapter("folder")
HEADER = "video,frame,valence,arousal"


def listed(root, **settings):
    return {clip.video_id: clip for clip in ADAPTER.list_clips(root, CorpusSettings(**settings))}


def test_videos_at_any_depth_without_labels(tree):
    root = tree({"b.mp4": "", "x/a.MKV": "", "x/y/c.webm": "", "notes.txt": "", ".h/d.mp4": ""})
    clips = listed(root)
    assert list(clips) == ["b", "x/a", "x/y/c"]
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips.values())
    assert clips["x/a"].source == root / "x/a.MKV"


def test_ids_keep_the_extension_where_they_would_collide(tree):
    root = tree({"a.mp4": "", "a.avi": "", "b.mp4": "", "c.mp4": "", "c.mp4.mkv": ""})
    clips = listed(root)
    assert {name: clip.source.name for name, clip in clips.items()} == {
        "a.avi": "a.avi",
        "a.mp4": "a.mp4",
        "b": "b.mp4",
        "c": "c.mp4",
        "c.mp4.mkv": "c.mp4.mkv",
    }


def test_an_empty_folder_says_what_is_looked_for(tree):
    with pytest.raises(InputError, match=r"holds no video; .*\.avi.*\.mp4.*\.webm"):
        listed(tree({"readme.txt": ""}))


def test_labels_by_frame_with_and_without_extension(tree):
    text = f"{HEADER}\nx/a.mp4,1,0.5,0.1\nx/a.mp4,0,-5,-5\nb,0,,0.3\nx/a,2,-1,1\n"
    root = tree({"x/a.mp4": "", "b.mp4": "", "c.mp4": "", "labels.csv": text})
    clips = listed(root)
    aligned = ADAPTER.read_labels(clips["x/a"]).align(3, np.full(3, np.nan))
    np.testing.assert_array_equal(aligned, np.float32([[np.nan] * 2, [0.5, 0.1], [-1, 1]]))
    assert np.isnan(ADAPTER.read_labels(clips["b"]).align(1, np.zeros(1))).all()
    assert clips["c"].labels is None, "no row is about it"


@pytest.mark.parametrize("printed", [lambda s: f"{s:.2f}", lambda s: str(round(s, 2))])
def test_labels_by_second_of_two_digits_reach_the_last_frame(tree, printed):
    # 29 frames, 30 a second: the last is at .9333 s and its row at 0.93.
    rows = [f"{printed(i / 30)},{i / 100},0,a" for i in range(29)]
    root = tree({"a.mp4": "", "labels.csv": "\n".join(["second,valence,arousal,video", *rows])})
    labels = ADAPTER.read_labels(listed(root)["a"])
    aligned = labels.align(29, np.arange(29) / 30)
    np.testing.assert_array_equal(aligned[:, 0], np.float32(np.arange(29) / 100))


def test_labels_by_second(tree):
    text = "second,valence,arousal,video\n0,0.0,1,a\n1,0.5,0,a\n"
    clips = listed(tree({"a.mp4": "", "labels.csv": text}))
    aligned = ADAPTER.read_labels(clips["a"]).align(2, np.array([0.0, 0.5]))
    np.testing.assert_array_equal(aligned, np.float32([[0, 1], [0.25, 0.5]]))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("a,0,nan,0", "line 3: valence is 'nan'"),
        ("a,0,0,much", "line 3: arousal is 'much'"),
        ("a,0,0,2", "line 3: arousal is 2;"),
        ("a,,0,0", "line 3: frame is ''"),
        ("a,1.5,0,0", "line 3: frame 1.5"),
        ("a,0,0", "line 3 has 3 columns ('a,0,0')"),
        ("a,0,0,0,0", "line 3 has 5 columns ('a,0,0,0,0')"),
        ("a,0,0,0\na,0,0,0", "line 4: frame 0 was labelled before"),
    ],
)
def test_a_bad_row_rejects_its_clip_only(tree, row, found):
    text = f"{HEADER}\nb,0,0.5,0.5\n{row}\nb,1,0.5,0.5\n"
    root = tree({"a.mp4": "", "b.mp4": "", "labels.csv": text})
    clips = listed(root)
    with pytest.raises(RejectedClip) as e:
        ADAPTER.read_labels(clips["a"])
    assert e.value.cause == "bad_labels"
    assert f"{root / 'labels.csv'}, {found}" in e.value.detail
    assert len(ADAPTER.read_labels(clips["b"]).values) == 2


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", r"lacks video, valence, arousal and has neither .*columns found: none"),
        ("video,frame,valence\na,0,0\n", "lacks arousal"),
        ("video,valence,arousal\na,0,0\n", "has neither frame nor second"),
        ("video,frame,second,valence,arousal\n", "has both frame and second"),
        ("video,frame,valence,valence,arousal\n", "has valence twice"),
        ("video;frame;valence;arousal\n", "columns found: video;frame;valence;arousal"),
        (f"{HEADER}\n,0,0,0\n", "line 2: video is empty"),
        (f'{HEADER}\n"a,0,0,0\nb,0,0,0\n', "is not a row of CSV"),
        (f"{HEADER},subject\na,0,0,0,s1\na,1,0,0,s2\n", "line 3: subject .* 's2' but was 's1'"),
        (
            f"{HEADER},subject\na,0,0,0,s1\na.mp4,1,0,0,s2\n",
            "subject of video 'a' is 's1' and 's2'",
        ),
        (f"{HEADER},split\na,0,0,0,dev\n", "is 'dev'; it must be one of train, eval, val"),
        (f"{HEADER},split\na,0,0,0,test\nb,0,0,0,val\n", "has the splits test and val"),
        (
            f"{HEADER},subject,split\na,0,0,0,s,train\nb,0,0,0,s,val\n",
            "subject 's' stands in both splits",
        ),
    ],
)
def test_a_table_that_cannot_be_used(tree, text, wrong):
    root = tree({"a.mp4": "", "b.mp4": "", "labels.csv": text})
    with pytest.raises(InputError, match=wrong):
        listed(root)


def test_a_table_that_is_not_utf8(tree):
    root = tree({"a.mp4": ""})
    (root / "labels.csv").write_bytes(f"{HEADER}\n".encode() + b"\xff,0,0,0\n")
    with pytest.raises(InputError, match="not text in UTF-8"):
        listed(root)


def test_a_name_that_could_be_two_videos(tree):
    root = tree({"a.mp4": "", "a.avi": "", "labels.csv": f"{HEADER}\na,0,0,0\n"})
    with pytest.raises(InputError, match=r"video 'a' could be a.avi or a.mp4; write .* extension"):
        listed(root)
    (root / "labels.csv").write_text(f"{HEADER}\na.avi,0,0,0\n")
    clips = listed(root)
    assert (clips["a.avi"].labels is None, clips["a.mp4"].labels is None) == (False, True)


def test_rows_of_videos_that_are_not_there_are_remarked(tree):
    root = tree({"v1.a.mp4": "", "b.mp4": "", "labels.csv": f"{HEADER}\nv1,0,0,0\nb,0,0,0\n"})
    with collected() as remarks:
        listed(root)
    assert remarks == [
        f"{root / 'labels.csv'} names 1 videos that {root} does not hold ('v1'); 1 of its 2 videos "
        "are not named ('v1.a')"
    ]


def test_a_table_of_which_nothing_matches_is_an_error(tree):
    text = f"{HEADER}\nv1,0,0,0\nz.mp4,0,0,0\n"
    root = tree({"v1.a.mp4": "", "v1.b.mp4": "", "labels.csv": text})
    with pytest.raises(
        InputError, match=r"names 'v1', 'z.mp4', the folder holds 'v1.a.mp4', 'v1.b.mp4'"
    ):
        listed(root)
    (root / "labels.csv").write_text(HEADER)
    with pytest.raises(InputError, match="has no row below its header"):
        listed(root)


@pytest.mark.parametrize(
    "written",
    [
        "/home/me/videos/x/a.mp4",
        "C:\\Users\\me\\x\\a.mp4",
        "X/A.mp4",
        "x/a.MP4",
        "x/a.avi",
        "a.mp4",
        "a",
        "./x/a.mp4",
        "../corpus/x/a",
    ],
)
def test_a_video_written_otherwise_keeps_its_labels(tree, written):
    root = tree({"x/a.mp4": "", "y/b.mp4": "", "labels.csv": f"{HEADER}\n{written},0,0.5,0.1\n"})
    clips = listed(root)
    assert ADAPTER.read_labels(clips["x/a"]).values[0, 0] == 0.5
    assert clips["y/b"].labels is None
    # What the workers are sent is what they read.
    (entry,) = [e for e in Manifest.from_json(build_manifest(clips.values(), str).to_json()).entries
                if e.clip.video_id == "x/a"]  # fmt: skip
    assert ADAPTER.read_labels(entry.clip).values[0, 0] == 0.5


def test_a_name_that_could_be_of_two_folders_is_refused(tree):
    text = f"{HEADER}\n1.mp4,0,0,0\nx/2,0,0,0\n"
    root = tree({"x/1.mp4": "", "y/1.mp4": "", "x/2.mp4": "", "labels.csv": text})
    with pytest.raises(InputError, match=r"video '1.mp4' could be x/1 or y/1; write .* path from"):
        listed(root)


@pytest.mark.parametrize("name", ["Labels.csv", "LABELS.CSV"])
def test_the_table_in_another_letter_case(tree, name):
    clip = listed(tree({"a.mp4": "", name: f"{HEADER}\na,0,0.5,0\n"}))["a"]
    assert ADAPTER.read_labels(clip).values[0, 0] == 0.5


def test_a_table_under_another_name_is_pointed_out(tree):
    root = tree({"a.mp4": "", "va.csv": f"{HEADER}\na,0,0.5,0\n", "notes.csv": "name,age\n"})
    with collected() as remarks:
        assert listed(root)["a"].labels is None
    assert len(remarks) == 1
    assert "no labels.csv, but va.csv with the columns of one; annotations=va.csv" in remarks[0]


def test_media_that_are_passed_over_are_named(tree):
    names = ["a.3GP", "b.gif", "c.asf", "d.vob", "e.jpg", "f.wav", "sub/g.wav", "h.swf", "i.txt"]
    root = tree(dict.fromkeys(names, ""))
    with collected() as remarks:
        assert list(listed(root)) == ["a", "b", "c", "d"]
    assert remarks == [
        f"{root}: passed over, as they are no videos: 2 .wav (such as f.wav), 1 .jpg (such as "
        "e.jpg), 1 .swf (such as h.swf)"
    ]
    for name in names[:4]:
        (root / name).unlink()
    with pytest.raises(InputError, match=r"holds no video; .*; found 2 .wav"):
        listed(root)


def test_frames_that_count_from_one(tree):
    text = f"{HEADER}\na,1,0.1,0\na,2,0.2,0\na,3,0.3,0\nb,1,0,0\n"
    root = tree({"a.mp4": "", "b.mp4": "", "labels.csv": text})
    with collected() as remarks:
        clip = listed(root)["a"]
    assert len(remarks) == 1
    assert "do the frames count from 1? Then first_frame=1 reads them so" in remarks[0]
    with collected() as remarks:
        assert listed(root, first_frame=1)["a"] == clip
    assert remarks == []
    aligned = ADAPTER.read_labels(clip).align(3, np.full(3, np.nan), first_frame=1)
    np.testing.assert_array_equal(aligned[:, 0], np.float32([0.1, 0.2, 0.3]))
    (root / "labels.csv").write_text(text + "b,0,0,0\n")
    with pytest.raises(InputError, match="video 'b' has a row of frame 0, but first_frame is 1"):
        listed(root, first_frame=1)


def test_names_in_other_scripts_quotes_commas_and_either_unicode_form(tree):
    stored, written = (unicodedata.normalize(form, "café") for form in ("NFD", "NFC"))
    assert stored != written
    text = (
        f'{HEADER}\n{written}.mp4,0,0.1,0\n"a, ""b"".mp4",0,0.2,0\nx\\видео,0,0.3,0\n./d,0,0.4,0\n'
    )
    root = tree(
        {f"{stored}.mp4": "", 'a, "b".mp4': "", "x/видео.mp4": "", "d.mp4": "", "labels.csv": text}
    )
    found = {
        name: float(ADAPTER.read_labels(clip).values[0, 0]) for name, clip in listed(root).items()
    }
    assert found == pytest.approx({stored: 0.1, 'a, "b"': 0.2, "x/видео": 0.3, "d": 0.4})


def test_a_name_that_is_not_utf8_gets_an_id_that_can_be_encoded(tree):
    root = tree({})
    with open(os.fsencode(root) + b"/caf\xe9.mp4", "wb"):
        pass
    ((video_id, clip),) = listed(root).items()
    assert video_id == "caf\\xe9"
    assert clip.source.exists()


@pytest.mark.parametrize(
    ("videos", "subjects"),
    [
        (["a", "b"], ["a", "b"]),
        (["anna/1", "anna/2", "ben/1"], ["anna", "anna", "ben"]),
        (["anna/day/1", "ben/day/1"], ["anna", "ben"]),
        (["v/anna/1", "v/ben/1"], ["anna", "ben"]),
        (["v/1", "v/2"], ["v/1", "v/2"]),
        (["anna/1", "b"], ["anna", "b"]),
    ],
)
def test_subjects_without_a_column(tree, videos, subjects):
    clips = listed(tree({f"{name}.mp4": "" for name in videos}))
    assert [clips[name].subject_id for name in videos] == subjects


def test_splits_as_the_table_says_else_with_the_subject_else_by_hash(tree):
    rows = ["a,0,0,0,s1,validation", "b,0,0,0,s1,", "c,0,0,0,s2,Train", "d,0,0,0,,eval"]
    files = {f"{name}.mp4": "" for name in "abcdefghi"}
    clips = listed(tree(files | {"labels.csv": "\n".join([f"{HEADER},subject,split", *rows])}))
    assert {name: clips[name].split for name in "abcd"} == {
        "a": "eval",
        "b": "eval",
        "c": "train",
        "d": "eval",
    }
    assert {clips[name].split for name in "efghi"} == {"train", "eval"}


def test_test_is_eval_where_nothing_else_is(tree):
    text = f"{HEADER},split\na,0,0,0,train\nb,0,0,0,test\n"
    clips = listed(tree({"a.mp4": "", "b.mp4": "", "labels.csv": text}))
    assert (clips["a"].split, clips["b"].split) == ("train", "eval")


def test_a_table_elsewhere(tree):
    root = tree({"a.mp4": "", "meta/va.csv": f"{HEADER}\na,0,0.5,0\n"})
    assert listed(root)["a"].labels is None
    clip = listed(root, annotations="meta/va.csv")["a"]
    assert ADAPTER.read_labels(clip).values[0, 0] == 0.5
    with pytest.raises(InputError, match=r"annotations is 'nowhere.csv'"):
        listed(root, annotations="nowhere.csv")


def test_the_table_is_read_once_and_again_when_it_changes(tree, monkeypatch):
    reads = []
    real = label_table._read
    monkeypatch.setattr(label_table, "_read", lambda path: reads.append(path) or real(path))
    root = tree({f"{i}.mp4": "" for i in range(5)})
    table = root / "labels.csv"
    table.write_text(HEADER + "\n" + "".join(f"{i},0,0.5,0\n" for i in range(5)))
    clips = listed(root)
    for clip in clips.values():
        assert ADAPTER.read_labels(clip).values[0, 0] == 0.5
    assert len(reads) == 1
    table.write_text(HEADER + "\n0,0,0.25,0\n")
    os.utime(table, ns=(1, 1))
    assert ADAPTER.read_labels(clips["0"]).values[0, 0] == 0.25
    assert ADAPTER.read_labels(clips["1"]) is None
    assert len(reads) == 2
    table.unlink()
    with pytest.raises(RejectedClip) as e:
        ADAPTER.read_labels(clips["0"])
    assert e.value.cause == "no_labels"


def test_links_to_folders_are_followed_once(tree, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a.mp4").touch()
    root = tree({})
    (root / "linked").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "loop").symlink_to(root)
    assert list(listed(root)) == ["linked/a"]
