"""A release on videos, against what its own signatures say of the crops that training would see."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import affectflow
from affectflow.corpora.clip import Clip
from affectflow.errors import InputError, RejectedClip
from affectflow.faces.extract import extract_faces
from affectflow.faces.store import FaceStore
from affectflow.metrics import smooth
from affectflow.predict.rows import COLUMNS
from affectflow.release import load, publish
from tests.portraits import FPS, blank, paste, two_shots, write_exactly, write_video

PROJECT = Path(__file__).parents[3]
FRAMES = 100
# Longer than the release's max_gap_s of 0.4, ten frames, but not than all of it would be for one
# block.
AWAY = range(40, 52)


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """A face that moves for 100 frames, three blocks and more, and is away for 12 of them."""
    frames = [blank() if n in AWAY else paste(n, 20 + n % 7, 180 + n % 20) for n in range(FRAMES)]
    return write_video(tmp_path_factory.mktemp("video") / "a face.mp4", frames)


@pytest.fixture(scope="module")
def predicted(release, video):
    return affectflow.load_release(release).predict(video)


def expected(release: Path, video: Path, folder: Path) -> dict[int, tuple[float, float]]:
    """Frame -> labels, by ``serving_default`` on each run of stored crops."""
    import tensorflow as tf

    predictor = affectflow.load_release(release)
    stored = extract_faces(
        Clip("test", "v", "s", "train", video), predictor.faces, FaceStore(folder), "digest"
    )
    served = tf.saved_model.load(str(release / "model/serving")).signatures["serving_default"]
    index, crops = stored.index["frame_index"], list(stored.images())
    breaks = (np.diff(index) != 1) | (np.diff(stored.shots) != 0)
    found = {}
    for run in np.split(np.arange(len(index)), np.flatnonzero(breaks) + 1):
        outputs = served(face=tf.constant([crops[i] for i in run]))
        values = np.stack([outputs[name].numpy() for name in ("valence", "arousal")], axis=1)
        values = smooth(values, predictor.smooth_radius)
        found |= {int(index[i]): tuple(row) for i, row in zip(run, values)}
    return found


def test_a_row_for_every_frame(predicted):
    assert tuple(predicted.columns) == COLUMNS
    assert predicted.frame.tolist() == list(range(FRAMES))
    np.testing.assert_allclose(predicted.second, np.arange(FRAMES) / FPS, atol=1e-6)
    away = predicted[predicted.frame.isin(AWAY)]
    assert away.drop(columns=["frame", "second", "shot"]).isna().all(axis=None)
    seen = predicted[~predicted.frame.isin(AWAY)]
    assert seen.notna().all(axis=None)
    # Away for longer than max_gap_s: told apart, somebody comes back as another.
    assert seen.person.tolist() == [1] * 40 + [2] * 48
    assert ((seen.w > 50) & (seen.w < 200)).all()


@pytest.mark.parametrize("smooth_radius", [0, 4])
def test_training_equals_serving(make_release, release, video, tmp_path, smooth_radius):
    chosen = make_release(smooth_radius=smooth_radius) if smooth_radius else release
    found = affectflow.load_release(chosen).predict(video, people="one").dropna()
    wanted = expected(chosen, video, tmp_path)
    assert found.frame.tolist() == sorted(wanted)
    values = np.array([wanted[frame] for frame in found.frame])
    np.testing.assert_allclose(found[["valence", "arousal"]], values, atol=1e-4)
    assert values.std(axis=0).min() > 1e-3, "outputs that do not differ would prove nothing"


@pytest.fixture(scope="module")
def spliced(tmp_path_factory):
    """Two shots of 40 frames with a face at the same place, and the second of them alone."""
    folder = tmp_path_factory.mktemp("spliced")
    first, second = two_shots(40)
    whole = write_exactly(folder / "spliced.mp4", first + second)
    return whole, write_exactly(folder / "second.mp4", second)


@pytest.mark.parametrize("people", ["one", "all"])
@pytest.mark.parametrize("smooth_radius", [0, 4])
def test_nothing_goes_over_a_cut(make_release, release, spliced, tmp_path, smooth_radius, people):
    chosen = make_release(smooth_radius=smooth_radius) if smooth_radius else release
    predictor = affectflow.load_release(chosen)
    found, alone = (predictor.predict(path, people=people) for path in spliced)
    assert found.shot.tolist() == [0] * 40 + [1] * 40
    labels = ["valence", "arousal"]
    # What is predicted of the second shot is what is predicted where there is nothing before it.
    np.testing.assert_allclose(found[labels][40:], alone[labels], atol=1e-5)
    wanted = np.array(list(expected(chosen, spliced[0], tmp_path).values()))
    np.testing.assert_allclose(found[labels], wanted, atol=1e-4)


def test_one_person_stays_the_same(release, video):
    found = affectflow.load_release(release).predict(video, people="one")
    assert found.person.dropna().unique().tolist() == [1]


def test_frames_without_a_face_are_filled_when_asked(release, video, predicted):
    filled = affectflow.load_release(release).predict(video, people="one", interpolate=True)
    assert filled[["valence", "arousal", "emotion"]].notna().all(axis=None)
    assert filled[filled.frame.isin(AWAY)].score.isna().all()
    left, right = filled.valence[AWAY.start - 1], filled.valence[AWAY.stop]
    line = np.linspace(left, right, len(AWAY) + 2)[1:-1]
    np.testing.assert_allclose(filled.valence[list(AWAY)], line, atol=1e-5)


def test_a_release_of_one_label_has_no_emotion(make_release, video):
    found = (
        affectflow.load_release(make_release(outputs="arousal"))
        .predict(video)
        .dropna(subset=["person"])
    )
    assert found.valence.isna().all()
    assert found.emotion.isna().all()
    assert found.arousal.notna().all()


def test_it_ends_early_when_told_and_keeps_what_there_is(release, video):
    stop = threading.Event()
    seen = []
    # With pictures, blocks are small: four of them, 64 frames, are the most that is under way.
    frames = affectflow.load_release(release).frames(video, keep_rgb=True, stop=stop)
    for prediction, rgb in frames:
        seen.append(prediction.frame)
        assert rgb.shape == (240, 320, 3)
        stop.set()
    assert seen == list(range(len(seen)))
    assert 0 < len(seen) < FRAMES


def test_bad_videos(release, tmp_path):
    predictor = affectflow.load_release(release)
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(RejectedClip, match="unreadable"):
        predictor.predict(tmp_path / "notes.mp4")
    with pytest.raises(RejectedClip, match="No such file"):
        predictor.predict(tmp_path / "gone.mp4")


def test_the_latest_of_a_folder_or_of_a_workspace(release, tmp_path):
    first = load(Path(shutil.copytree(release, tmp_path / "ws/releases/0001")))
    publish(first.path.parent, first.models, {}, first.lineage, first.recipe, "again")
    for folder in ("ws", "ws/releases", "ws/releases/0002"):
        found = affectflow.load_release(tmp_path / folder).release
        assert found.path == tmp_path / "ws/releases/0002"
    with pytest.raises(InputError, match="holds no release; 'affectflow release'"):
        affectflow.load_release(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        affectflow.load_release(tmp_path / "nowhere")


def test_a_release_that_is_incomplete_or_of_another_version_says_so(release, tmp_path):
    copy = Path(shutil.copytree(release, tmp_path / "0001"))
    (copy / "model/serving/saved_model.pb").rename(tmp_path / "kept.pb")
    with pytest.raises(InputError, match=r"incomplete: model/serving/saved_model\.pb is missing"):
        affectflow.load_release(copy)
    (tmp_path / "kept.pb").rename(copy / "model/serving/saved_model.pb")
    manifest = json.loads((copy / "release.json").read_text())
    (copy / "release.json").write_text(json.dumps({**manifest, "format": 7}))
    with pytest.raises(InputError, match="of format 7; this version reads format 1"):
        affectflow.load_release(copy)
    (copy / "release.json").unlink()
    with pytest.raises(InputError, match=r"release\.json is missing"):
        affectflow.load_release(copy)


def test_settings_that_this_version_does_not_know(release, tmp_path):
    from affectflow.release import load, publish

    publish(tmp_path, load(release).models, {}, {}, {"faces": {"whiskers": 3}}, "another version's")
    with pytest.raises(InputError, match=r"recipe is of another version.*whiskers"):
        affectflow.load_release(tmp_path)


def test_a_release_from_before_the_state_was_set_carries_it(make_release, video, tmp_path):
    from affectflow.release import load, publish

    carried, windowed = (make_release(state=state, window=9) for state in ("carried", "windowed"))
    # What was released then: the same model, and nothing of its state in the recipe.
    recipe = {"predict": {"smooth_radius": 0}, "faces": {"max_gap_s": 0.4}}
    publish(tmp_path, load(carried).models, {}, {}, recipe, "before")
    old = affectflow.load_release(tmp_path).predict(video)
    assert old.equals(affectflow.load_release(carried).predict(video))
    other = affectflow.load_release(windowed).predict(video)
    labels = ["valence", "arousal"]
    assert (old[labels] - other[labels]).abs().max().min() > 1e-3


def test_a_model_from_before_streams(release, tmp_path):
    import tensorflow as tf

    from affectflow.release import publish

    old = tf.saved_model.load(str(release / "model/serving"))
    signatures = {name: f for name, f in old.signatures.items() if name != "stream"}
    tf.saved_model.save(old, str(tmp_path / "old"), signatures=signatures)
    publish(tmp_path / "releases", {"serving": tmp_path / "old"}, {}, {}, {}, "old")
    with pytest.raises(InputError, match="no signature stream: an earlier version"):
        affectflow.load_release(tmp_path / "releases").load()


def test_importing_and_loading_is_quick_and_without_tensorflow(release):
    # At most 3 s before TensorFlow is needed: the best of three, for others may use the machine.
    code = (
        "import sys, time; began = time.perf_counter(); import affectflow;"
        f" affectflow.load_release({str(release)!r}); print(time.perf_counter() - began);"
        " assert 'tensorflow' not in sys.modules"
    )
    took = [
        float(subprocess.check_output([sys.executable, "-c", code], cwd=PROJECT, timeout=60))
        for _ in range(3)
    ]
    assert min(took) <= 3.0


def test_a_video_through_a_pipe(release, video, predicted, tmp_path):
    from affectflow.video.ffmpeg import find_ffmpeg

    # NUT holds H.264 as it is and needs no seeking.
    argv = [find_ffmpeg(), "-v", "error", "-i", str(video), "-c", "copy", "-f", "nut", "-"]
    code = (
        "import sys, affectflow;"
        f" affectflow.load_release({str(release)!r}).predict('-').to_csv(sys.argv[1], index=False);"
        # What is needed is TensorFlow and nothing of the pipelines.
        " assert not {'apache_beam', 'tensorflow_transform', 'tfx'} & set(sys.modules)"
    )
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as camera:
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "out.csv")],
            stdin=camera.stdout, cwd=PROJECT, check=True, timeout=120, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    import pandas as pd

    found = pd.read_csv(tmp_path / "out.csv")
    assert found.frame.tolist() == predicted.frame.tolist()
    np.testing.assert_allclose(found.valence, predicted.valence, atol=1e-4)


def test_who_leaves_a_silent_pipe_does_not_wait_for_it(release, video):
    from affectflow.video.ffmpeg import find_ffmpeg

    # A camera that stays open, and after three quarters of the video says nothing more.
    argv = [find_ffmpeg(), "-v", "error", "-i", str(video), "-c", "copy", "-f", "nut", "-"]
    data = subprocess.check_output(argv)
    code = (
        "import time, affectflow;"
        f" frames = affectflow.load_release({str(release)!r}).frames('-');"
        " next(frames); began = time.perf_counter(); frames.close();"
        " print(time.perf_counter() - began)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, cwd=PROJECT,
    ) as done:  # fmt: skip
        assert done.stdin is not None
        assert done.stdout is not None
        done.stdin.write(data[: len(data) * 3 // 4])
        done.stdin.flush()
        took = float(done.stdout.readline())
        done.stdin.close()
    # A decoder may be silent for 60 s before it is given up.
    assert took < 10
