"""Everything that may lie in a corpus's folder, in one folder, rebuilt once."""

import errno
import os
import re
import shutil
from collections import Counter

import pytest

from affectflow.errors import RejectedClip

ANYTHING = ["--set", "ingest.max_reject_share=1", "--set", "listing.duplicates=keep"]
ROTATED = ["-vf", "transpose=clock"]
# Frames 0 to 9, then every third of the 30: 10 + 6.
VARIABLE = "lt(n,10)+not(mod(n,3))*gte(n,10)"

GOOD = {
    "plain": 30,
    "two words": 30,
    """it's "quoted" & $HOME; %05d""": 30,
    "видео 视频 🎬": 30,
    "-dash": 30,
    "ten_bit": 30,
    "rotated": 30,
    "odd": 30,
    "variable": 16,
}
BAD = {
    "truncated": "corrupt",
    "no_index": "unreadable",
    "stretch": "corrupt",
    "empty": "unreadable",
    "text": "unreadable",
    "playlist": "unreadable",
    "script": "unreadable",
    "absent": "unreadable",
    "sound": "no_video",
    "huge": "bad_size",
    "nobody": "no_face",
    "too_many_rows": "labels_do_not_fit",
    "too_few_rows": "labels_do_not_fit",
    "outside": "bad_labels",
    "nan": "bad_labels",
    "columns": "bad_labels",
    "no_rows": "labels_do_not_fit",
}


@pytest.fixture(scope="module")
def folder(corpus, ffmpeg, tmp_path_factory):
    """The videos and their annotations, in the layout of Aff-Wild2."""
    root = tmp_path_factory.mktemp("bad")
    videos = root / "videos"
    annotations = root / "annotations/VA_Set/Train_Set"
    videos.mkdir()
    annotations.mkdir(parents=True)
    source = next((corpus / "videos").rglob("001-1-*.mp4"))
    rows = ["0.1,0.2"] * 30
    for name in [*GOOD, *BAD]:
        (annotations / f"{name}.txt").write_text("\n".join(["valence,arousal", *rows]) + "\n")

    encoded = {
        "ten_bit.mkv": ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le"],
        # Stored on its side; the next line says so.
        "side.mp4": [*ROTATED, "-c:v", "libx264"],
        "odd.mkv": ["-vf", "scale=267:201", "-c:v", "ffv1", "-pix_fmt", "yuv444p"],
        "variable.mp4": ["-vf", f"select='{VARIABLE}'", "-fps_mode", "vfr", "-c:v", "libx264"],
        "whole.mp4": ["-c:v", "libx264", "-g", "5", "-movflags", "+faststart"],
        "tail.mp4": ["-c:v", "libx264"],
        "sound.mp4": ["-vn", "-c:a", "aac"],
    }
    for name, options in encoded.items():
        passthrough = [] if "-fps_mode" in options or "-vn" in options else (
            ["-fps_mode", "passthrough"]
        )  # fmt: skip
        sound = [] if name == "sound.mp4" else ["-an"]
        ffmpeg("-i", source, *sound, *passthrough, *options, videos / name)
    ffmpeg(
        "-display_rotation", "90", "-i", videos / "side.mp4", "-c", "copy", videos / "rotated.mp4"
    )
    (videos / "side.mp4").unlink()
    lavfi = ["-f", "lavfi", "-i"]
    ffmpeg(*lavfi, "testsrc=s=160x120:r=10:d=3", videos / "nobody.mp4")
    ffmpeg(*lavfi, "color=s=8200x16:r=10:d=0.2", "-c:v", "ffv1", videos / "huge.mkv")

    whole = (videos / "whole.mp4").read_bytes()
    (videos / "whole.mp4").unlink()
    (videos / "truncated.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    middle = len(whole) // 2
    (videos / "stretch.mp4").write_bytes(
        whole[:middle]
        + bytes(b ^ 0x5A for b in whole[middle : middle + 900])
        + whole[middle + 900 :]
    )
    tail = (videos / "tail.mp4").read_bytes()
    (videos / "tail.mp4").unlink()
    (videos / "no_index.mp4").write_bytes(tail[: len(tail) * 6 // 10])
    (videos / "empty.mp4").touch()
    (videos / "text.mp4").write_text("This is not a video.\n" * 200)
    # Both name a video that is whole: followed, they would be accepted.
    (videos / "playlist.mp4").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{source}\n#EXT-X-ENDLIST\n"
    )
    (videos / "script.mp4").write_text(f"ffconcat version 1.0\nfile '{source}'\n")

    copies = ["plain", "two words", """it's "quoted" & $HOME; %05d""", "видео 视频 🎬", "-dash"]
    labels = ["too_many_rows", "too_few_rows", "outside", "nan", "columns", "no_rows"]
    for name in copies + labels:
        shutil.copy(source, videos / f"{name}.mp4")
    changed = {
        "variable": rows[:16],
        "too_many_rows": [*rows, "0,0"],
        "too_few_rows": rows[:-1],
        "outside": [*rows[:-1], "0.1,1.5"],
        "nan": [*rows[:-1], "nan,0.5"],
        "no_rows": [],
    }
    for name, lines in changed.items():
        (annotations / f"{name}.txt").write_text("\n".join(["valence,arousal", *lines]) + "\n")
    (annotations / "columns.txt").write_text("\n".join(["valence", *["0.1"] * 30]) + "\n")
    return root


@pytest.fixture(scope="module")
def done(folder, rebuild, rebuilt, tmp_path_factory):
    workspace = tmp_path_factory.mktemp("bad-ws") / "ws"
    done = rebuild(folder, workspace, *ANYTHING)
    assert done.outcome.code == 0, done.outcome.err
    return done


def test_the_build_goes_on_with_what_is_good(done):
    assert set(done.decoded()) - set(BAD) == set(GOOD)
    assert {name: done.decoded()[name] for name in GOOD} == GOOD
    counted = done.counts()
    assert counted["frames"]["train"]["decoded"] + counted["frames"]["eval"]["decoded"] == sum(
        GOOD.values()
    )
    assert counted["clips"]["used"] == len(GOOD)
    assert counted["clips"]["listed"] == len(GOOD) + len(BAD)


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_is_rejected_with_its_cause(done, name):
    reject = done.rejects()[name]
    assert reject["cause"] == BAD[name]
    # The message names the file: the video's, or the annotation's.
    assert f"{name}." in reject["detail"]


def test_nothing_else_is_rejected(done):
    assert set(done.rejects()) == set(BAD)
    # A line for each thing that is wrong, with one clip that stands for all.
    lines = [line for line in done.outcome.out.splitlines() if line.startswith("  rejected ")]
    counted = Counter()
    for cause in set(BAD.values()):
        for line in lines:
            if f": {RejectedClip.CAUSES[cause]}" in line:
                number = re.match(r"  rejected (\d+) clips: ", line)
                counted[cause] += int(number[1]) if number else 1
    assert counted == Counter(BAD.values())
    assert len(lines) < len(BAD)


def test_a_rotated_video_is_upright(done):
    """The faces of the rotated copy are where those of the upright one are."""
    import numpy as np

    from affectflow.corpora.manifest import Manifest
    from affectflow.faces.settings import FaceSettings
    from affectflow.faces.store import FaceStore

    store, settings = FaceStore(done.workspace / "faces"), FaceSettings().digest()
    text = (done.newest("VideoExampleGen", "examples") / "manifest.json").read_text()
    boxes = {}
    for entry in Manifest.from_json(text).entries:
        if entry.clip.video_id in ("plain", "rotated"):
            faces = store.get(store.key(entry.source_digest, settings, ""))
            boxes[entry.clip.video_id] = faces.index["box"].mean(axis=0)
    assert np.allclose(boxes["plain"], boxes["rotated"], atol=0.03)


def test_too_many_rejects_stop_the_build(folder, done, rebuild, tmp_path):
    shutil.copytree(done.workspace / "faces", tmp_path / "ws/faces")
    stopped = rebuild(folder, tmp_path / "ws")
    assert stopped.outcome.code == 1
    err = stopped.outcome.err
    share = f"{len(BAD)} of {len(BAD) + len(GOOD)} clips were rejected"
    assert f"Error: {share}, more than max_reject_share=0.1 allows" in err
    for cause in set(BAD.values()):
        assert RejectedClip.CAUSES[cause] in err
    # What is wrong with several is said once, with one of them.
    assert f" clips: {RejectedClip.CAUSES['unreadable']}, such as " in err
    assert "Traceback" not in err
    # TFX removes what a failed execution wrote; the log has all of them.
    (log,) = (tmp_path / "ws/logs").iterdir()
    logged = log.read_text()
    assert [name for name in BAD if f"rejected {name}: {BAD[name]}: " not in logged] == []


@pytest.fixture
def full_disk(monkeypatch):
    """full_disk(cls, method, after): from then on the method finds no space left."""

    def fill(owner, method, after, error):
        right = getattr(owner, method)
        calls = []

        def wrong(*args, **kwargs):
            calls.append(1)
            if len(calls) > after:
                raise error
            return right(*args, **kwargs)

        monkeypatch.setattr(owner, method, wrong)

    return fill


def check_full(stopped):
    assert stopped.outcome.code == 1
    # Beam prints its traceback to what stands for standard error here; a process of its own has
    # that in the log (test_process.py). The message comes last.
    message = stopped.outcome.err.strip().splitlines()[-1]
    assert message.startswith("Error: no room in ")
    assert "(No space left on device)" in message
    assert "choose another folder" in message
    assert "what is done is kept" in message


def test_a_full_disk_while_faces_are_written(
    corpus, tmp_path, rebuild, rebuilt, full_disk, monkeypatch
):
    # A real full disk wants a file system of its own, and so root; this is the write that fails.
    from affectflow.faces.entry import EntryWriter

    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    full_disk(EntryWriter, "_write", 100, full)
    stopped = rebuild(corpus, tmp_path / "ws", "--direct_num_workers=1")
    check_full(stopped)
    kept = stopped.entries()
    # 32 writes an entry of 30 faces: three are whole, and no part of a fourth is left.
    assert len(kept) == 3
    assert list((tmp_path / "ws/faces/tmp").iterdir()) == []
    monkeypatch.undo()
    again = rebuild(corpus, tmp_path / "ws")
    assert again.outcome.code == 0, again.outcome.err
    assert {name: again.entries()[name] for name in kept} == kept
    assert again.shards() == rebuilt.shards()


def test_a_full_disk_while_shards_are_written(
    corpus, own_workspace, rebuild, rebuilt, full_disk, monkeypatch
):
    import tensorflow as tf

    full = tf.errors.ResourceExhaustedError(None, None, "No space left on device")
    full_disk(tf.io.TFRecordWriter, "write", 60, full)
    stopped = rebuild(corpus, own_workspace, "--direct_num_workers=1")
    check_full(stopped)
    # A shard is whole or absent, and no part of one is left.
    written = [p for p in (own_workspace / "artifacts").rglob("*") if ".tfrecord" in p.name]
    assert [path for path in written if path.name.startswith(".")] == []
    for path in written:
        name = f"{path.parent.name}/{path.name}"
        assert path.read_bytes() == rebuilt.shards()[name]
    monkeypatch.undo()
    again = rebuild(corpus, own_workspace)
    assert again.outcome.code == 0, again.outcome.err
    assert again.shards() == rebuilt.shards()


def test_two_rebuilds_at_once(corpus, own_workspace, rebuild, built):
    from pipelines.workspace import Workspace, workspace_lock

    with workspace_lock(Workspace(own_workspace)):
        second = rebuild(corpus, own_workspace)
    assert second.outcome.code == 1
    assert f"another run (process {os.getpid()}) is using workspace" in second.outcome.err
    assert "wait for it, or choose another with --workspace" in second.outcome.err
    assert not (own_workspace / "metadata.sqlite").exists()
