from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.faces.detectors import create_detector
from affectflow.faces.settings import FaceSettings
from affectflow.synth import RenderedCorpus, SynthSettings, render_corpus
from affectflow.synth.layouts import affwild2, get_layout
from affectflow.video.decode import stream_frames

# Subject 3 leaves (clip number 2), subject 4 has a variable frame rate (clip number 3).
SETTINGS = SynthSettings(
    subjects=4, clips=1, seconds=4.0, fps=10, size=240, cropped=True, workers=1
)
SMALL = SynthSettings(subjects=2, clips=1, seconds=1.0, fps=8, size=160)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> RenderedCorpus:
    return render_corpus(tmp_path_factory.mktemp("synth") / "corpus", SETTINGS)


def annotations(root: Path) -> dict[str, np.ndarray]:
    found = {}
    for path in root.glob("annotations/VA_Set/*_Set/*.txt"):
        lines = path.read_text().splitlines()
        assert lines[0] == "valence,arousal"
        found[path.stem] = np.array([[float(v) for v in line.split(",")] for line in lines[1:]])
    return found


def digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_folders_are_those_of_affwild2(corpus: RenderedCorpus) -> None:
    videos = sorted(path.stem for path in corpus.root.glob("videos/batch[12]/*.mp4"))
    assert videos == [
        "001-003-426x240",
        "001-1-320x240",
        "002-1-320x240",
        "003-1-320x240",
        "004-1-320x240",
    ]
    assert corpus.videos == corpus.rendered == 5
    held_out = [path.stem for path in corpus.root.glob("annotations/VA_Set/Validation_Set/*")]
    assert held_out == ["002-1-320x240"]
    names = {*videos[1:], "001-003-426x240_left", "001-003-426x240_right"}
    assert set(annotations(corpus.root)) == names
    assert {path.name for path in corpus.root.glob("cropped_aligned/*")} == names
    assert "RENDERED" in (corpus.root / "README.txt").read_text()


def test_no_subject_stands_in_both_sets(corpus: RenderedCorpus) -> None:
    with open(corpus.root / "subjects.csv", newline="") as file:
        subject = {row["video"]: row["subject"] for row in csv.DictReader(file)}
    sides: dict[str, set[str]] = {}
    for path in corpus.root.glob("annotations/VA_Set/*_Set/*.txt"):
        sides.setdefault(subject[path.stem], set()).add(path.parent.name)
    assert sorted(sides) == ["S000", "S001", "S002", "S003"]
    assert all(len(sets) == 1 for sets in sides.values())


def test_row_i_is_frame_i_and_faces_are_where_they_should_be(corpus: RenderedCorpus) -> None:
    rows = annotations(corpus.root)
    detector = create_detector(FaceSettings())
    should, seen, phantoms, frames_in_all = 0, 0, 0, 0
    rates = {}
    for script in get_layout("affwild2").plan(SETTINGS):
        frames = list(stream_frames(affwild2.video_path(corpus.root, script)))
        frames_in_all += len(frames)
        for name in affwild2.annotation_names(script):
            assert len(rows[name]) == len(frames) == len(script.ticks)
        times = np.array([frame.timestamp_s for frame in frames])
        assert np.allclose(times - times[0], script.times, atol=2e-3)
        rates[script.name] = len(set(np.diff(script.ticks)))
        for frame, present in zip(frames, script.present(), strict=True):
            found = len(detector.detect(frame.rgb))
            should += len(script.subjects) * bool(present)
            seen += min(found, len(script.subjects)) * bool(present)
        for middle in (frames[len(frames) // 2],) if script.away else ():
            phantoms += len(detector.detect(middle.rgb))
    detector.close()
    assert frames_in_all == corpus.frames
    assert seen >= 0.98 * should
    assert [name for name, kinds in rates.items() if kinds > 1] == ["004-1-320x240"]


def test_an_absence_shows_no_face_and_has_mostly_no_labels(corpus: RenderedCorpus) -> None:
    script = next(s for s in get_layout("affwild2").plan(SETTINGS) if s.away)
    start, end = script.away[0]
    frames = list(stream_frames(affwild2.video_path(corpus.root, script)))
    gone = [i for i, t in enumerate(script.times) if start <= t <= end]
    assert gone
    assert not script.present()[gone].any()
    crops = {
        int(path.stem) - 1 for path in corpus.root.glob(f"cropped_aligned/{script.name}/*.jpg")
    }
    assert crops == set(np.flatnonzero(script.present()))
    detector = create_detector(FaceSettings())
    assert not any(detector.detect(frames[i].rgb) for i in gone)
    detector.close()


def test_labels_are_three_decimals_or_minus_five(corpus: RenderedCorpus) -> None:
    rows = annotations(corpus.root)
    everything = np.concatenate(list(rows.values()))
    missing = everything[:, 0] == -5
    assert (everything[missing] == -5).all()
    assert (np.abs(everything[~missing]) <= 1).all()
    assert 0 < missing.mean() < 0.4
    assert np.allclose(everything, np.round(everything, 3))


def test_crops_are_faces_upright_and_in_place(corpus: RenderedCorpus) -> None:
    detector = create_detector(FaceSettings(min_score=0.3))
    paths = sorted(corpus.root.glob("cropped_aligned/*/*.jpg"))[::12]
    found = 0
    for path in paths:
        image = cv2.imread(str(path))
        assert image.shape == (112, 112, 3)
        # The detector wants some surroundings.
        wide = cv2.copyMakeBorder(image, 40, 40, 40, 40, cv2.BORDER_REPLICATE)[..., ::-1]
        for face in detector.detect(wide)[:1]:
            eyes = face.landmarks[:2] * 192 - 40
            # ArcFace's template: eyes at (38, 52) and (74, 52).
            found += bool(np.abs(eyes - [(38, 52), (74, 52)]).max() < 14)
    detector.close()
    assert found >= 0.9 * len(paths)


def test_the_same_settings_give_the_same_files_with_one_worker_or_two(tmp_path: Path) -> None:
    one = render_corpus(tmp_path / "one", replace(SMALL, workers=1))
    two = render_corpus(tmp_path / "two", replace(SMALL, workers=2))
    assert digests(one.root) == digests(two.root)
    other = render_corpus(tmp_path / "other", replace(SMALL, workers=1, seed=1))
    assert not set(digests(one.root).values()) & {
        digest for name, digest in digests(other.root).items() if name.endswith(".mp4")
    }


def test_a_killed_render_goes_on_where_it_was(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    settings = replace(SMALL, workers=1)

    class Killed(Exception):
        pass

    def kill(done: int, total: int, what: str) -> None:
        if what:
            raise Killed

    with pytest.raises(Killed):
        render_corpus(root, settings, kill)
    first = list(root.rglob("*.mp4"))
    assert len(first) == 1
    written = first[0].stat().st_mtime_ns
    scrap = first[0].with_name(".rendering-0123-left.mp4")
    scrap.write_bytes(b"half a video")

    heard: list[tuple[int, int, str]] = []
    corpus = render_corpus(root, settings, lambda *what: heard.append(what))
    assert corpus.rendered == 1
    assert first[0].stat().st_mtime_ns == written
    assert not scrap.exists()
    assert [done for done, _, _ in heard] == [8, 16]
    assert {total for _, total, _ in heard} == {corpus.frames} == {16}
    assert render_corpus(root, settings).rendered == 0
    whole = render_corpus(tmp_path / "whole", settings)
    assert digests(root) == digests(whole.root)


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="not empty"):
        render_corpus(tmp_path, SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(InputError, match="is a file"):
        render_corpus(tmp_path / "thesis.tex", SMALL)


def test_a_corpus_of_other_settings_is_left_alone(tmp_path: Path) -> None:
    saved = tmp_path / "synth.json"
    saved.write_text(json.dumps(replace(SMALL, seed=7).saved()))
    with pytest.raises(InputError, match="seed 7, not 0"):
        render_corpus(tmp_path, SMALL)
    saved.write_text("{half")
    with pytest.raises(InputError, match="not JSON"):
        render_corpus(tmp_path, SMALL)


def test_an_unknown_layout_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="'affwild3' is not one of adfes, afew, affwild2, ckplus"):
        get_layout("affwild3")
