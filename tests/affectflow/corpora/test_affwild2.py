from __future__ import annotations

import logging
import shutil

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.remarks import collected
from affectflow.errors import InputError

ROWS = "valence,arousal\n0.5,0.1\n-5,-5\n"
ADAPTER = get_adapter("affwild2")


def listed(root, **settings):
    return {clip.video_id: clip for clip in ADAPTER.list_clips(root, CorpusSettings(**settings))}


@pytest.mark.parametrize(
    "folder",
    [
        "annotations/VA_Set",
        "Third ABAW Annotations/VA_Estimation_Challenge",
        "VA_Set",
        "a/b/c/va_set",
        "VA/annotations",
        "August/VA_Set",
        "Validated annotations",
        "annotations",
        ".",
    ],
)
def test_the_owners_split_and_layout_at_any_depth(tree, folder):
    root = tree(
        {
            f"{folder}/Train_Set/12-24-1920x1080.txt": ROWS,
            f"{folder}/Validation_Set/video 5.txt": ROWS,
            "annotations/EXPR_Set/Train_Set/12-24-1920x1080.txt": "Neutral,Anger\n",
            "annotations/AU_Set/Train_Set/12-24-1920x1080.txt": "AU1,AU2\n",
            "videos/batch1/12-24-1920x1080.mp4": "",
            "videos/batch2/video 5.AVI": "",
        }
    )
    clips = listed(root)
    assert list(clips) == ["12-24-1920x1080", "video 5"]
    train, held_out = clips.values()
    assert (train.split, held_out.split) == ("train", "eval")
    assert (train.source.name, held_out.source.name) == ("12-24-1920x1080.mp4", "video 5.AVI")
    assert train.source.is_file()
    assert train.labels == root / folder / "Train_Set/12-24-1920x1080.txt"
    assert train.subject_id == "12-24-1920x1080", "no list of subjects: each name is one"
    assert train.corpus == "affwild2"
    values = ADAPTER.read_labels(train).values
    np.testing.assert_array_equal(values, np.float32([[0.5, 0.1], [np.nan, np.nan]]))


def test_two_people_of_a_video(tree):
    root = tree(
        {
            "VA_Set/Train_Set/x.txt": ROWS,
            "VA_Set/Train_Set/x_right.txt": ROWS,
            "VA_Set/Train_Set/y_left.txt": ROWS,
            "VA_Set/Validation_Set/z.txt": ROWS,
            "v/x.mp4": "",
            "v/y.mp4": "",
            "v/y_left.mp4": "",
            "v/z.mp4": "",
        }
    )
    clips = listed(root)
    assert {name: (clip.source.name, clip.person) for name, clip in clips.items()} == {
        "x": ("x.mp4", "left"),  # beside x_right, the bare name is the other person
        "x_right": ("x.mp4", "right"),
        "y_left": ("y_left.mp4", ""),  # a video of the whole name wins
        "z": ("z.mp4", ""),
    }


@pytest.mark.parametrize(
    ("names", "persons"),
    [
        # As distributed: video59 and video59_right, video2 and video2_left.
        (["video59", "video59_right"], ["left", "right"]),
        (["video2", "video2_left"], ["right", "left"]),
        (["v_left", "v_right"], ["left", "right"]),
        (["v", "v_left", "v_right"], ["", "left", "right"]),
        (["v"], [""]),
    ],
)
def test_the_bare_name_beside_one_side_is_the_other(tree, names, persons):
    files = {f"VA_Set/Train_Set/{name}.txt": ROWS for name in names}
    stem = names[0].removesuffix("_left")
    root = tree(files | {"VA_Set/Validation_Set/z.txt": ROWS, f"v/{stem}.mp4": ""})
    clips = listed(root)
    assert [clips[name].person for name in names] == persons


def test_a_side_with_a_video_of_its_own_says_nothing_of_the_bare_name(tree):
    files = {f"VA_Set/Train_Set/{name}.txt": ROWS for name in ("x", "x_right")}
    root = tree(files | {"VA_Set/Validation_Set/z.txt": ROWS, "v/x.mp4": "", "v/x_right.mp4": ""})
    assert [clip.person for clip in listed(root).values()] == ["", "", ""]


def test_cropped_faces_are_preferred_where_asked_for(tree):
    root = tree(
        {
            "VA_Set/Train_Set/a.txt": ROWS,
            "VA_Set/Train_Set/b.txt": ROWS,
            "VA_Set/Train_Set/b_right.txt": ROWS,
            "VA_Set/Validation_Set/c.txt": ROWS,
            **{f"v/{name}.mp4": "" for name in "abc"},
            **{f"cropped_aligned/{name}/00001.jpg": "" for name in ("a", "b", "b_right")},
        }
    )
    with collected() as remarks:
        clips = listed(root, prefer="cropped")
    assert {name: (clip.source.parent.name, clip.person) for name, clip in clips.items()} == {
        "a": ("cropped_aligned", ""),
        "b": ("cropped_aligned", ""),
        "b_right": ("cropped_aligned", ""),
        "c": ("v", ""),
    }
    assert remarks == ["1 of 4 clips are not in cropped_aligned; their videos are read (c)"]
    with collected() as remarks:
        clips = listed(root)
    assert {clip.source.parent.name for clip in clips.values()} == {"v"}
    assert remarks == []


@pytest.mark.parametrize("annotated", [True, False])
def test_who_has_cropped_faces_is_still_the_other_person_of_the_video(tree, annotated):
    # The crops of the bare name are missing; those of a_right are there, be they annotated or of
    # the test set.
    names = ("a", "a_right") if annotated else ("a",)
    files = {f"VA_Set/Train_Set/{name}.txt": ROWS for name in names}
    root = tree(
        files
        | {
            "VA_Set/Validation_Set/z.txt": ROWS,
            "v/a.mp4": "",
            "cropped_aligned/a_right/00001.jpg": "",
        }
    )
    for prefer in ("videos", "cropped"):
        clip = listed(root, prefer=prefer)["a"]
        assert (clip.source.name, clip.person) == ("a.mp4", "left")


def test_names_in_another_letter_case(tree):
    root = tree(
        {
            "VA_Set/Train_Set/Video5.TXT": ROWS,
            "VA_Set/Train_Set/Video6_LEFT.txt": ROWS,
            "VA_Set/Validation_Set/Video7.txt": ROWS,
            "v/VIDEO5.MP4": "",
            "v/video6.mp4": "",
            "v/Video7.mp4": "",
            "v/video7.mp4": "",
        }
    )
    clips = listed(root)
    assert {name: (clip.source.name, clip.person) for name, clip in clips.items()} == {
        "Video5": ("VIDEO5.MP4", ""),
        "Video6_LEFT": ("video6.mp4", "left"),
        "Video7": ("Video7.mp4", ""),  # of two that differ in a case, the very one
    }


def test_annotations_of_other_videos_are_an_error_that_shows_both_sides(tree):
    root = tree({"VA_Set/Train_Set/a.txt": ROWS, "VA_Set/Validation_Set/b.txt": ROWS})
    with pytest.raises(InputError, match=r"2 annotations \(a, b\) .* found no video"):
        listed(root)
    (root / "v").mkdir()
    (root / "v/film-1.mp4").touch()
    with pytest.raises(InputError, match=r"video of none of them; found 1 videos \(film-1.mp4\)"):
        listed(root)


def test_subjects_of_videos_written_otherwise(tree):
    files = {f"VA_Set/Train_Set/{name}.txt": ROWS for name in ("a", "b", "c_left")}
    table = "video,subject\n/old/batch1/A.mp4,anna\nvideos\\b.MP4,ben\nc_left,carl\nelse,dora\n"
    root = tree(files | {"VA_Set/Validation_Set/z.txt": ROWS, "v/a.mp4": "", "subjects.csv": table})
    with collected() as remarks:
        subjects = {name: clip.subject_id for name, clip in listed(root).items()}
    assert subjects == {"a": "anna", "b": "ben", "c_left": "carl", "z": "z"}
    assert any("names 1 videos that" in text and "('else')" in text for text in remarks)


@pytest.mark.parametrize("above", ["", "cropped_aligned/"])
def test_cropped_faces_stand_in_for_a_video_that_is_absent(tree, above):
    root = tree(
        {
            "VA_Set/Train_Set/a.txt": ROWS,
            "VA_Set/Train_Set/b_left.txt": ROWS,
            "VA_Set/Validation_Set/c.txt": ROWS,
            "v/a.mp4": "",
            f"{above}cropped_aligned/a/00001.jpg": "",
            f"{above}cropped_aligned/b_left/00001.jpg": "",
            f"{above}cropped_aligned_new/c/00001.jpg": "",
        }
    )
    clips = listed(root)
    assert clips["a"].source == root / "v/a.mp4"
    assert clips["b_left"].source == root / f"{above}cropped_aligned/b_left"
    assert clips["b_left"].person == "", "the crop shows one person already"
    assert clips["c"].source == root / f"{above}cropped_aligned_new/c"


def test_an_annotation_without_a_source_is_listed_and_said(tree, caplog):
    files = {f"VA_Set/Train_Set/{name}.txt": ROWS for name in ("gone_left", "there")}
    root = tree(files | {"VA_Set/Validation_Set/a.txt": ROWS, "v/there.mp4": ""})
    with caplog.at_level(logging.WARNING):
        clips = listed(root)
    assert not clips["gone_left"].source.exists()
    assert clips["gone_left"].source.name == "gone.mp4"
    assert "2 annotated videos are not there" in caplog.text


def test_videos_without_an_annotation_are_counted_not_listed(tree, caplog):
    files = {"VA_Set/Train_Set/a.txt": ROWS, "VA_Set/Validation_Set/b.txt": ROWS}
    root = tree(files | {f"v/{name}.mp4": "" for name in "abcd"} | {"v/._a.mp4": ""})
    with caplog.at_level(logging.INFO):
        assert list(listed(root)) == ["a", "b"]
    assert "2 of 4 videos have no annotation" in caplog.text


def test_subjects_csv_says_who_is_in_a_video(tree):
    files = {
        "VA_Set/Train_Set/a.txt": ROWS,
        "VA_Set/Train_Set/b_left.txt": ROWS,
        "VA_Set/Train_Set/v1.5.txt": ROWS,
        "VA_Set/Validation_Set/c.txt": ROWS,
        "v/c.mp4": "",
    }
    root = tree(files | {"subjects.csv": "video,subject\na.mp4,anna\nb_left,anna\nv1.5, ben\n"})
    subjects = {name: clip.subject_id for name, clip in listed(root).items()}
    assert subjects == {"a": "anna", "b_left": "anna", "c": "c", "v1.5": "ben"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("video,subject\na,anna\nc,anna\n", "subject 'anna' stands in both splits"),
        ("video,who\na,anna\n", "must have video and subject"),
        ("video,subject\na,anna\na,ben\n", "line 3: video 'a' has the subjects 'anna' and 'ben'"),
        ("video,subject\na,\n", "line 2: .* neither may be empty"),
        ("video,subject\na\n", "line 2: .* neither may be empty"),
        ("video,subject\na,anna\na.mp4,ben\n", "video 'a' has the subjects 'anna' and 'ben'"),
        ("video,subject\nx,anna\ny,ben\n", "names 2 videos, .* names 'x', 'y', .* holds 'a', 'c'"),
    ],
)
def test_subjects_csv_that_cannot_be_used(tree, text, wrong):
    files = {"VA_Set/Train_Set/a.txt": ROWS, "VA_Set/Validation_Set/c.txt": ROWS, "v/a.mp4": ""}
    with pytest.raises(InputError, match=wrong):
        listed(tree(files | {"subjects.csv": text}))


def test_without_a_validation_set_subjects_are_split_by_hash(tree):
    root = tree({f"VA_Set/Train_Set/{i}.txt": ROWS for i in range(8)} | {"v/0.mp4": ""})
    assert {clip.split for clip in listed(root, eval_fraction=0.4).values()} == {"train", "eval"}


def test_several_sets_need_the_setting(tree):
    root = tree(
        {
            "ABAW2/VA_Set/Train_Set/a.txt": ROWS,
            "ABAW2/VA_Set/Validation_Set/c.txt": ROWS,
            "ABAW3/VA_Estimation_Challenge/Train_Set/b.txt": ROWS,
            "ABAW3/VA_Estimation_Challenge/Validation_Set/c.txt": ROWS,
            "v/c.mp4": "",
        }
    )
    with pytest.raises(InputError, match="'ABAW2/VA_Set', 'ABAW3/VA_Estimation_Challenge'"):
        listed(root)
    assert list(listed(root, annotations="ABAW2/VA_Set")) == ["a", "c"]
    with pytest.raises(InputError, match="annotations is 'nowhere'"):
        listed(root, annotations="nowhere")


def test_what_is_no_affwild2(tree):
    root = tree({"v/a.mp4": "", "EXPR_Set/Train_Set/a.txt": ""})
    with pytest.raises(InputError, match="has no annotations of Aff-Wild2"):
        listed(root)
    (root / "VA_Set" / "Train_Set").mkdir(parents=True)
    with pytest.raises(InputError, match="has no annotation: files"):
        listed(root)
    with pytest.raises(InputError, match="does not exist"):
        listed(root / "nowhere")
    with pytest.raises(InputError, match="is not a folder"):
        listed(root / "v" / "a.mp4")


def test_the_same_name_twice(tree):
    files = {"VA_Set/Train_Set/a.txt": ROWS, "VA_Set/Validation_Set/b.txt": ROWS}
    root = tree(files | {"batch1/a.mp4": "", "batch2/a.avi": ""})
    with pytest.raises(InputError, match=r"annotation 'a' fits several videos: .*keep one"):
        listed(root)
    shutil.rmtree(root / "batch2")
    shutil.copy(root / "VA_Set/Train_Set/a.txt", root / "VA_Set/Validation_Set/a.txt")
    with pytest.raises(InputError, match="video_id 'a' stands for two clips"):
        listed(root)


def test_images_are_not_walked_over(tree, monkeypatch):
    # The real cropped_aligned holds 2.8 million images; listing them would take minutes.
    from affectflow.corpora import files as walking

    root = tree(
        {
            "VA_Set/Train_Set/a.txt": ROWS,
            "VA_Set/Validation_Set/b.txt": ROWS,
            "cropped_aligned/a/00001.jpg": "",
        }
    )
    entered = []
    real = walking.os.stat
    monkeypatch.setattr(walking.os, "stat", lambda p, **k: entered.append(str(p)) or real(p, **k))
    assert listed(root)["a"].source == root / "cropped_aligned/a"
    assert str(root / "cropped_aligned") in entered
    assert not any("00001" in path for path in entered)
    walked = [str(folder) for folder, _, _ in walking.walk(root)]
    assert str(root / "cropped_aligned/a") in walked, "the walk itself would have gone there"
