from __future__ import annotations

import cv2
import numpy as np

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.synth import SynthSettings
from affectflow.synth.demographics import draw_demographics
from tests.affectflow.synth.rendered_files import files


def test_the_tree_is_that_of_the_owners_and_equal_settings_give_equal_files(  # type: ignore[no-untyped-def]
    render,
) -> None:
    corpus = render("rafdb", subjects=2, size=240)
    root = corpus.root
    names = [f"train_{number:05d}" for number in range(1, 8)]
    names += [f"test_{number:04d}" for number in range(1, 8)]
    expected = {"README.txt", "synth.json", "EmoLabel/list_patition_label.txt"}
    for name in names:
        expected.add(f"Image/aligned/{name}_aligned.jpg")
        expected.add(f"Annotation/manual/{name}_manu_attri.txt")
    assert set(files(root)) == expected
    lines = (root / "EmoLabel/list_patition_label.txt").read_text().splitlines()
    assert lines == [f"{name}.jpg {1 + index % 7}" for index, name in enumerate(names)]
    assert "parameters of the renderer, not people" in (root / "README.txt").read_text()
    assert files(render("rafdb", into="again", subjects=2, size=240).root) == files(root)

    for path in root.glob("Image/aligned/*"):
        assert cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape == (100, 100, 3)
    neutral, surprise, joy = (
        cv2.imread(str(root / f"Image/aligned/train_0000{number}_aligned.jpg")).astype(float)
        for number in (7, 1, 4)
    )
    mouth = slice(60, 95), slice(25, 75)
    assert np.abs(surprise - neutral)[mouth].mean() > 12
    assert np.abs(joy - neutral)[mouth].mean() > 12


def test_attributes_are_the_persons_and_the_adapter_reads_them(render) -> None:  # type: ignore[no-untyped-def]
    root = render("rafdb", subjects=2).root
    text = (root / "Annotation/manual/train_00001_manu_attri.txt").read_text()
    rows = text.splitlines()
    assert len(rows) == 8
    five = np.array([[float(part) for part in row.split("\t")] for row in rows[:5]])
    # Eyes over nose over mouth, in a frame of 213 by 160.
    assert five[:2, 1].max() < five[2, 1] < five[3:, 1].min()
    assert five[0, 0] < five[2, 0] < five[1, 0]
    who = draw_demographics(0, 0)
    assert [int(row) for row in rows[5:]] == [
        ("male", "female", "unsure").index(who.gender),
        ("caucasian", "african_american", "asian").index(who.race),
        ("0-3", "4-19", "20-39", "40-69", "70+").index(who.age),
    ]
    clips = get_adapter("rafdb").list_clips(root, CorpusSettings())
    assert {clip.split for clip in clips} == {"train", "eval"}
    for clip in clips:
        subject = draw_demographics(0, 0 if clip.split == "train" else 1)
        assert dict(clip.classes)["gender"] == subject.gender
        assert dict(clip.classes)["race"] == subject.race
        assert dict(clip.classes)["age"] == subject.age
    by_id = {clip.video_id: dict(clip.classes)["expression"] for clip in clips}
    assert [by_id[f"test_000{number}"] for number in range(1, 8)] == [
        "surprise", "fear", "disgust", "joy", "sadness", "anger", "neutral",
    ]  # fmt: skip


def test_numbers_run_through_and_no_two_people_share_one() -> None:
    from affectflow.synth.layouts import rafdb

    settings = SynthSettings(layout="rafdb", subjects=9, clips=2)
    lasts = [script.last for script in rafdb.plan(settings)]
    numbers = [int(last.split("_")[1]) for last in lasts if "train" in last]
    assert numbers == [14 * (index + 1) for index in range(7)]
