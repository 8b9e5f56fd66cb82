"""The layouts of videos: what they are called, how long they are, what is in one of them."""

from __future__ import annotations

import csv
import subprocess
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError
from affectflow.faces.detectors import create_detector
from affectflow.faces.settings import FaceSettings
from affectflow.synth import SynthSettings
from affectflow.synth.filming import PosedScript
from affectflow.synth.layouts import adfes, cremad, get_layout, ravdess
from affectflow.synth.photograph import Photograph
from affectflow.video.decode import stream_frames
from affectflow.video.ffmpeg import find_ffmpeg
from affectflow.video.probe import probe
from tests.affectflow.synth.rendered_files import files

FILMED = ("adfes", "afew", "cremad", "ravdess")


def expressions(root: Path, layout: str) -> Counter[str]:
    clips = get_adapter(layout).list_clips(root, CorpusSettings())
    return Counter(dict(clip.classes)["expression"] for clip in clips)


@pytest.mark.usefixtures("unfilmed")
def test_adfes(render) -> None:  # type: ignore[no-untyped-def]
    root = render("adfes", subjects=3, clips=5).root
    emotions = ("Anger", "Contempt", "Disgust", "Embarrass", "Fear", "Joy", "Neutral", "Pride",
                "Sadness", "Surprise")  # fmt: skip
    assert set(files(root)) == {"README.txt", "synth.json"} | {
        f"{model}-{emotion}-Face Forward.mpeg"
        for model in ("F01", "M01", "F02")
        for emotion in emotions
    }
    counts = expressions(root, "adfes")
    assert len(counts) == 10
    assert set(counts.values()) == {3}


@pytest.mark.usefixtures("unfilmed")
def test_afew(render) -> None:  # type: ignore[no-untyped-def]
    root = render("afew", subjects=2, clips=2).root
    emotions = ("Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")
    expected = {"README.txt", "synth.json"}
    number = 46280
    for folder in ("Train_AFEW", "Val_AFEW"):
        for _ in range(2):
            for emotion in emotions:
                expected.add(f"{folder}/{emotion}/{number:09d}.avi")
                number += 40
    assert set(files(root)) == expected
    assert "Train_AFEW/Angry/000046280.avi" in expected
    counts = expressions(root, "afew")
    assert len(counts) == 7
    assert set(counts.values()) == {4}


@pytest.mark.usefixtures("unfilmed")
def test_cremad(render) -> None:  # type: ignore[no-untyped-def]
    root = render("cremad", subjects=2, clips=4).root
    expected = {"README.txt", "synth.json", "VideoDemographics.csv"}
    for actor in (1001, 1002):
        expected |= {f"VideoFlash/{actor}_{take}_NEU_XX.flv" for take in ("DFA", "IEO")}
        for emotion in ("ANG", "DIS", "FEA", "HAP", "SAD"):
            expected.add(f"VideoFlash/{actor}_DFA_{emotion}_XX.flv")
            expected |= {f"VideoFlash/{actor}_IEO_{emotion}_{x}.flv" for x in ("LO", "MD", "HI")}
    assert set(files(root)) == expected
    with open(root / "VideoDemographics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["ActorID", "Age", "Sex", "Race", "Ethnicity"]
    assert [(row["ActorID"], row["Sex"]) for row in rows] == [("1001", "Male"), ("1002", "Female")]
    assert all(20 <= int(row["Age"]) <= 74 for row in rows)
    clips = get_adapter("cremad").list_clips(root, CorpusSettings())
    assert all(set(dict(clip.classes)) == {"expression", "gender", "race", "age"} for clip in clips)


@pytest.mark.usefixtures("unfilmed")
def test_ravdess(render) -> None:  # type: ignore[no-untyped-def]
    root = render("ravdess", subjects=2, clips=3).root
    expected = {"README.txt", "synth.json"}
    for actor in ("01", "02"):
        for emotion in range(1, 9):
            takes = ["01-01-01", "01-02-01", *([] if emotion == 1 else ["02-01-01"])]
            expected |= {f"Actor_{actor}/01-01-{emotion:02d}-{x}-{actor}.mp4" for x in takes}
    assert set(files(root)) == expected
    clips = get_adapter("ravdess").list_clips(root, CorpusSettings())
    assert {(clip.subject_id, dict(clip.classes)["gender"]) for clip in clips} == {
        ("01", "male"),
        ("02", "female"),
    }
    assert expressions(root, "ravdess")["calm"] == 6


def test_the_names_have_room_for_so_much() -> None:
    most = SynthSettings(layout="cremad", subjects=1, clips=1000)
    assert len(cremad.plan(most)) == 82  # as each actor of CREMA-D
    assert len(ravdess.plan(most)) == 60  # as each actor of RAVDESS
    with pytest.raises(InputError, match="at most 198 subjects"):
        adfes.plan(SynthSettings(layout="adfes", subjects=199))
    with pytest.raises(InputError, match="at most 99 subjects"):
        ravdess.plan(SynthSettings(layout="ravdess", subjects=100))


@pytest.mark.parametrize("layout", FILMED)
def test_a_video_is_the_same_in_a_larger_corpus(layout: str) -> None:
    # All but AFEW's have the subject in their names.
    few = get_layout(layout).plan(SynthSettings(layout=layout, subjects=1, clips=1))
    many = get_layout(layout).plan(SynthSettings(layout=layout, subjects=5, clips=1))
    assert many[: len(few)] == few
    assert len({script.name for script in many}) == len(many)


def test_lengths_exercise_what_reads_them() -> None:
    assert min(script.frames for script in adfes.plan(SynthSettings(seconds=1.0))) >= 60
    settings = SynthSettings(layout="cremad", subjects=24, clips=3, seconds=2.5)
    scripts = cremad.plan(settings)
    lengths = [script.frames for script in scripts]
    assert 68 < np.median(lengths) < 82
    assert 0.04 < np.mean([length < 35 for length in lengths]) < 0.12
    assert 0.04 < np.mean([110 < length <= 150 for length in lengths]) < 0.12
    assert sum(length > 150 for length in lengths) >= 1
    # No emotion is always short.
    assert len({script.expression for script in scripts if script.frames < 35}) >= 4


@pytest.mark.parametrize("layout", FILMED)
def test_a_film_shows_a_face_that_comes_to_an_expression_and_equal_settings_give_equal_bytes(
    tmp_path: Path, photograph: Photograph, layout: str
) -> None:
    settings = SynthSettings(layout=layout, subjects=1, clips=1, seconds=1.0, size=160, workers=1)
    module = get_layout(layout)
    scripts = {s.expression: s for s in module.plan(settings) if isinstance(s, PosedScript)}
    script = scripts["joy"]
    for root in (tmp_path / "one", tmp_path / "two"):
        module.write(root, settings, script, photograph)
        assert module.is_written(root, script)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    path = tmp_path / "one" / script.path
    frames = [frame.rgb for frame in stream_frames(path)]
    assert len(frames) == script.frames
    assert frames[0].shape == (160, 214, 3)
    info = probe(path)
    assert info.has_audio is (layout != "adfes")
    detector = create_detector(FaceSettings())
    assert all(detector.detect(frame) for frame in frames[:: len(frames) // 5])
    detector.close()
    # AFEW's cuts begin in the middle of what happens.
    if layout != "afew":
        soft = [cv2.GaussianBlur(f.astype(float), (0, 0), 1.5) for f in (frames[0], frames[-5])]
        assert np.abs(soft[1] - soft[0]).max() > 40
    if info.has_audio:
        sound = _samples(path)
        assert abs(len(sound) / 16_000 - script.seconds) < 0.2
        assert sound.std() > 0.005


def _samples(path: Path) -> np.ndarray:
    command = [find_ffmpeg(), "-v", "error", "-i", str(path), "-vn", "-ac", "1", "-ar", "16000",
               "-f", "s16le", "-"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<i2") / 32768
