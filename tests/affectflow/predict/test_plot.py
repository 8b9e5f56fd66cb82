from __future__ import annotations

import math
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from matplotlib.collections import LineCollection

from affectflow.emotions import EMOTIONS
from affectflow.errors import InputError
from affectflow.predict import curves as curves_module
from affectflow.predict.csv_file import csv_file
from affectflow.predict.curves import MOST_BINS, MOST_PEOPLE, NOBODY, read_curves
from affectflow.predict.plot import draw_plot, plot_figure
from affectflow.predict.rows import FramePrediction, PersonPrediction

BOX = (0.1, 0.1, 0.2, 0.2)
RATE = 10.0


def one(number: int | None, valence: float, arousal: float) -> PersonPrediction:
    return PersonPrediction(number, BOX, 0.9, valence, arousal)


def write(path: Path, frames: list[tuple[PersonPrediction, ...]], timed: bool = True) -> Path:
    with csv_file(path) as add:
        for i, people in enumerate(frames):
            add(FramePrediction(i, i / RATE if timed else math.nan, (640, 360), people))
    return path


def two_people() -> list[tuple[PersonPrediction, ...]]:
    """Person 1 in frames 0-9 and 20-29, person 2 in 5-9 only; nobody in 10-19."""
    frames = []
    for i in range(30):
        people = [one(1, i / 30, -i / 30)] if i < 10 or i >= 20 else []
        if 5 <= i < 10:
            people.append(one(2, -0.5, 0.25))
        frames.append(tuple(people))
    return frames


def test_a_bin_is_a_frame_in_a_short_file(tmp_path):
    found = read_curves(write(tmp_path / "a.csv", two_people()))
    assert (found.frames, found.unit, found.people, found.start, found.end) == (
        30, "seconds", 2, 0.0, 2.9,
    )  # fmt: skip
    assert np.allclose(found.x, np.arange(30) / RATE)
    valence = found.lines[1]["valence"]
    assert np.allclose(valence[:10], np.arange(10) / 30, atol=1e-6)
    assert np.isnan(valence[10:20]).all()
    assert np.flatnonzero(np.isfinite(found.lines[2]["arousal"])).tolist() == [5, 6, 7, 8, 9]


def test_a_long_file_becomes_means(tmp_path, monkeypatch):
    # Three times as many frames as bins, read in pieces that end within a bin: a bin is the mean
    # of frames 3 k, 3 k + 1, 3 k + 2.
    monkeypatch.setattr(curves_module, "_CHUNK_ROWS", 1000)
    frames = 3 * MOST_BINS
    values = np.sin(np.arange(frames) / 500)
    found = read_curves(write(tmp_path / "a.csv", [(one(1, v, 0.5 * v),) for v in values]))
    assert found.x.shape == (MOST_BINS,)
    assert np.allclose(found.lines[1]["valence"], values.reshape(-1, 3).mean(axis=1), atol=1e-5)
    assert np.allclose(found.x, (3 * np.arange(MOST_BINS) + 1) / RATE, atol=1e-5)


def test_those_with_most_values_are_drawn(tmp_path):
    # Person n is in the first 10 n frames.
    count = MOST_PEOPLE + 3
    frames = [
        tuple(one(n, 0.1, 0.1) for n in range(1, count + 1) if i < 10 * n)
        for i in range(10 * count)
    ]
    found = read_curves(write(tmp_path / "a.csv", frames))
    assert sorted(found.lines) == list(range(4, count + 1))
    assert found.people == count
    heading = plot_figure(found, "clip.mp4").get_suptitle()
    assert heading == f"clip.mp4\n{MOST_PEOPLE} of {count} people: those with most values"


def test_without_times_there_are_frame_numbers(tmp_path):
    found = read_curves(write(tmp_path / "a.csv", two_people(), timed=False))
    assert (found.unit, found.start, found.end) == ("frame", 0, 29)
    figure = plot_figure(found, "clip.mp4")
    assert "frame" in [axes.get_xlabel() for axes in figure.axes]


def test_the_figure_shows_plane_and_curves(tmp_path):
    figure = plot_figure(read_curves(write(tmp_path / "a.csv", two_people())), "clip.mp4")
    plane, bar, valence, arousal = figure.axes
    assert (plane.get_xlabel(), plane.get_ylabel()) == ("valence", "arousal")
    assert (plane.get_xlim(), plane.get_ylim()) == ((-1, 1), (-1, 1))
    assert set(EMOTIONS) <= {text.get_text() for text in plane.texts}
    assert (valence.get_ylabel(), arousal.get_ylabel()) == ("valence", "arousal")
    assert (arousal.get_xlabel(), bar.get_ylabel()) == ("seconds", "seconds")
    assert [text.get_text() for text in valence.get_legend().get_texts()] == [
        "person 1", "person 2",
    ]  # fmt: skip
    # Person 1's curve has frame i's values at i / 10 s, and no line across frames 10 to 19.
    (line,) = [line for line in arousal.lines if line.get_label() == "person 1"]
    assert np.allclose(line.get_xdata(), np.arange(30) / RATE)
    assert np.allclose(line.get_ydata()[20:], -np.arange(20, 30) / 30, atol=1e-6)
    assert np.isnan(line.get_ydata()[10:20]).all()
    # So has the path in the plane: nine steps in each of person 1's two stretches, four of 2.
    paths = [found for found in plane.collections if isinstance(found, LineCollection)]
    assert [len(path.get_segments()) for path in paths] == [18, 4]
    assert paths[0].norm.vmin == 0.0
    assert paths[0].norm.vmax == pytest.approx(2.9)


def test_a_frame_on_its_own_is_a_dot(tmp_path):
    frames = [(one(1, 0.5, 0.5),) if i in (3, 6, 7) else () for i in range(10)]
    figure = plot_figure(read_curves(write(tmp_path / "a.csv", frames)), "clip.mp4")
    dots = [line for line in figure.axes[2].lines if line.get_marker() == "."]
    assert [line.get_xdata().tolist() for line in dots] == [[0.3]]


@pytest.mark.parametrize(("label", "values"), [("valence", (0.5, math.nan)),
                                               ("arousal", (math.nan, 0.5))])  # fmt: skip
def test_one_label_has_one_curve_and_no_plane(tmp_path, label, values):
    found = read_curves(write(tmp_path / "a.csv", [(one(1, *values),)] * 5))
    (axes,) = plot_figure(found, "clip.mp4").axes
    assert (axes.get_ylabel(), axes.get_xlabel()) == (label, "seconds")


def test_values_of_nobody_are_drawn_as_filled(tmp_path):
    frames = [(one(1, 0.1, 0.1),)] * 3 + [(one(None, 0.2, 0.2),)] * 2 + [(one(2, 0.3, 0.3),)] * 3
    found = read_curves(write(tmp_path / "a.csv", frames))
    assert sorted(found.lines) == [NOBODY, 1, 2]
    assert found.people == 2
    figure = plot_figure(found, "clip.mp4")
    labels = [text.get_text() for text in figure.axes[2].get_legend().get_texts()]
    assert labels == ["filled", "person 1", "person 2"]
    assert figure.get_suptitle() == "clip.mp4"


@pytest.mark.parametrize(("frames", "words"), [(7, "7 frames"), (1, "1 frame"), (0, "0 frames")])
def test_no_face_at_all_is_said(tmp_path, frames, words):
    found = read_curves(write(tmp_path / "a.csv", [()] * frames))
    (axes,) = plot_figure(found, "clip.mp4").axes
    assert [text.get_text() for text in axes.texts] == [f"no face in {words}"]


def test_a_value_beyond_one_can_be_seen(tmp_path):
    found = read_curves(write(tmp_path / "a.csv", [(one(1, -1.5, 0.5),)] * 3))
    _, _, valence, arousal = plot_figure(found, "clip.mp4").axes
    assert valence.get_ylim()[0] < -1.5
    assert arousal.get_ylim() == (-1.05, 1.05)


# $ would be mathematics, \udcff is a byte that is no UTF-8, the font has no Chinese letters.
@pytest.mark.parametrize(
    "title", ["a$b_{c$.mp4", "$\\frac{$", "x\udcff\n.mp4", "家族.mp4", "", "long " * 60]
)
def test_any_name_is_a_title(tmp_path, title, recwarn):
    png = tmp_path / "a.png"
    draw_plot(write(tmp_path / "a.csv", two_people()), png, title)
    picture = cv2.imread(str(png))
    assert picture.shape[0] > 400
    assert picture.std() > 10
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "a.png"]
    assert not [found for found in recwarn if issubclass(found.category, UserWarning)]


@pytest.mark.parametrize("text", ["", "video,frame\na,1\n", "\x00\xff", "frame,second,person,"
                                  "valence,arousal\nx,1,1,0,0\n",
                                  "frame,second,person,valence,arousal\n,1,1,0,0\n"])  # fmt: skip
def test_what_holds_no_predictions_is_refused(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"a\.csv holds no predictions"):
        draw_plot(path, tmp_path / "a.png", "clip.mp4")
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_failure_keeps_what_was_there(tmp_path, monkeypatch):
    csv = write(tmp_path / "a.csv", two_people())
    png = tmp_path / "a.png"
    png.write_bytes(b"before")

    def full(*_) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        draw_plot(csv, png, "clip.mp4")
    assert png.read_bytes() == b"before"
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "a.png"]
