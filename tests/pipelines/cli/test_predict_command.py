"""``affectflow predict`` as a person uses it."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from affectflow.video.decode import stream_frames
from affectflow.video.ffmpeg import find_ffmpeg
from bench.untrained import write_release
from tests.portraits import blank, paste, write_video
from tests.realdata import REALDATA

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace that holds one release of untrained networks."""
    root = tmp_path_factory.mktemp("ws")
    write_release(root / "releases", root / "serving")
    return root


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Twelve frames, the last four without a face; a name that a shell or markup would read."""
    folder = tmp_path_factory.mktemp("clips")
    frames = [paste(3 * n, 20) for n in range(8)] + [blank()] * 4
    return write_video(folder / "it's [bold] $HOME 你好.mp4", frames)


@pytest.fixture
def predict(affectflow, workspace, tmp_path):
    def run(*arguments, out=tmp_path / "out"):
        return affectflow("predict", *arguments, "-w", workspace, "-o", out)

    return run


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_video_becomes_a_csv_file(predict, clip, workspace, tmp_path):
    done = predict(clip)
    assert done.code == 0, done.err
    target = tmp_path / "out" / f"{clip.stem}.csv"
    found = rows(target)
    assert [row["frame"] for row in found] == [str(n) for n in range(12)]
    assert [row["person"] for row in found] == ["1"] * 8 + [""] * 4
    assert all(found[n]["valence"] and found[n]["emotion"] for n in range(8))
    assert {value for n in range(8, 12) for name, value in found[n].items()
            if name not in ("frame", "second", "shot")} == {""}  # fmt: skip
    assert {row["shot"] for row in found} == {"0"}
    assert f"release {workspace / 'releases/0001'} (trained" in done.out
    assert f"{target}  12 frames, 8 with a face, 1 person" in done.out
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    # What was seen in people's faces is not for everyone.
    assert target.parent.stat().st_mode & 0o007 == 0


def test_everything_that_can_be_asked_for(predict, clip, tmp_path):
    done = predict(clip, "--interpolate", "--annotate", "--plot", "--people", "one")
    assert done.code == 0, done.err
    out = tmp_path / "out"
    assert all(row["valence"] for row in rows(out / f"{clip.stem}.csv"))
    assert len(list(stream_frames(out / f"{clip.stem}.annotated.mp4"))) == 12
    assert (out / f"{clip.stem}.plot.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(out.iterdir())) == 3


def test_one_bad_file_does_not_stop_the_rest(predict, clip, tmp_path, ffmpeg):
    folder = tmp_path / "videos"
    (folder / "below").mkdir(parents=True)
    data = clip.read_bytes()
    (folder / "below/good.mp4").write_bytes(data)
    (folder / "cut.mp4").write_bytes(data[: len(data) // 2])
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "list.mp4").write_text("#EXTM3U\n/etc/passwd\n")
    (folder / "notes.mp4").write_text("no video")
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", folder / "sound.m4v")
    (folder / "below/tape.dat").write_bytes(b"x")
    done = predict(folder, "gone.mp4")
    assert done.code == 1
    passed = "passed over, as they are no videos: 1 .dat (such as below/tape.dat)"
    assert f"note  {folder}: {passed}" in done.out
    reasons = dict(
        line.removeprefix("failed  ").split(": ", 1)
        for line in done.out.splitlines()
        if line.startswith("failed")
    )
    assert {Path(path).name: text.split(":")[0] for path, text in reasons.items()} == {
        "cut.mp4": "unreadable",
        "empty.mp4": "unreadable",
        "gone.mp4": "unreadable",
        "list.mp4": "unreadable",
        "notes.mp4": "unreadable",
        "sound.m4v": "no_video",
    }
    assert "the file is empty (0 bytes)" in reasons[str(folder / "empty.mp4")]
    assert "1 of 7 videos predicted" in done.out
    summary = done.out.partition("1 of 7 videos predicted\n")[2].splitlines()
    assert f"  failed {folder / 'sound.m4v'}: the file has no video stream: " in "\n".join(summary)
    assert all(line.startswith("  failed ") for line in summary)
    # What could not be predicted leaves no file, not even a part of one.
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert left == [tmp_path / "out/below/good.csv"]


def test_a_corrupt_stretch_is_refused_unless_it_is_to_be_kept(predict, tmp_path):
    whole = write_video(tmp_path / "whole.mp4", [paste(3 * n, 20) for n in range(40)], "-g", "5")
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = b"\xff" * 200
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    refused = predict(damaged)
    assert refused.code == 1
    assert "frame numbers are not certain" in refused.out
    kept = predict(damaged, "--on-corrupt", "keep")
    assert kept.code == 0, kept.out
    assert "decode errors, so frame numbers are not certain" in kept.out
    assert len(rows(tmp_path / "out/damaged.csv")) >= 35


def test_nothing_of_the_user_s_is_written_over(predict, clip, tmp_path):
    labels = tmp_path / "out" / f"{clip.stem}.csv"
    labels.parent.mkdir()
    labels.write_text("frame,valence,arousal\n")
    done = predict(clip)
    assert done.code == 1
    assert "exists and holds no predictions" in done.out
    assert labels.read_text() == "frame,valence,arousal\n"


def test_a_folder_that_cannot_be_written(predict, clip, tmp_path):
    (tmp_path / "file").write_text("")
    done = predict(clip, out=tmp_path / "file")
    assert done.code == 1
    assert "cannot be written" in done.err
    assert "choose another with --out" in done.err


def test_what_does_not_go_together(predict, affectflow, clip, workspace):
    for arguments, message in (
        ((clip, clip.parent, "--plot"), "--out - is for the rows of one video"),
        ((clip, "--annotate"), "--out - is for the rows of one video"),
        ((clip, "--runner=FnApiRunner"), "a Beam job reads and writes files"),
        ((clip, "--people", "both"), "people is 'both'; one of all, one would do"),
        ((clip, "--on-corrupt", "x"), "on_corrupt is 'x'; one of reject, keep would do"),
    ):
        done = affectflow("predict", *arguments, "-w", workspace, "-o", "-")
        assert done.code == 1
        assert message in done.err
    slip = predict(clip, "--plots")
    assert slip.code == 1
    assert "did you mean --plot" in slip.err


def test_no_release(affectflow, clip, tmp_path):
    none = affectflow("predict", clip, "-w", tmp_path, "-o", tmp_path)
    assert none.code == 1
    assert "'affectflow release' or 'affectflow import-weights' makes one" in none.err


def test_a_beam_job_is_the_same_command(predict, clip, tmp_path):
    here = predict(clip, out=tmp_path / "here")
    there = predict(clip, "--runner=FnApiRunner", out=tmp_path / "there")
    assert here.code == there.code == 0, there.err
    name = f"{clip.stem}.csv"
    assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    assert "12 frames, 8 with a face, 1 person" in there.out


def test_through_pipes_in_and_out(clip, workspace):
    # Matroska to a pipe, as a camera's programme would send it; rows come out of another.
    camera = [find_ffmpeg(), "-v", "error", "-i", clip, "-c", "copy", "-f", "matroska", "-"]
    command = [sys.executable, "-m", "pipelines.cli", "predict", "-", "-w", workspace, "-o", "-"]
    with subprocess.Popen(camera, stdout=subprocess.PIPE) as source:
        done = subprocess.run(
            command, stdin=source.stdout, cwd=PROJECT, capture_output=True, timeout=120, check=True
        )
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("frame,second,person,")
    assert len(lines) == 13
    assert [line.split(",")[2] for line in lines[1:]] == ["1"] * 8 + [""] * 4


def test_a_name_that_is_no_text_is_predicted_too(predict, clip, tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    name = os.fsdecode(b"\xff\xfe.mp4")
    (folder / name).write_bytes(clip.read_bytes())
    for options in ([], ["--runner=FnApiRunner"]):
        out = tmp_path / f"out{len(options)}"
        done = predict(folder, *options, out=out)
        assert done.code == 0, done.out + done.err
        assert "12 frames, 8 with a face" in done.out
        assert [os.fsencode(path.name) for path in out.iterdir()] == [b"\xff\xfe.csv"]


def in_file(clip, workspace, out, *options):
    """The command as under ``nohup``, with a line of progress whenever there is any."""
    script = (
        "import sys; from pipelines import progress_log; progress_log.EVERY_S = 0.0;"
        "from pipelines.cli import main; main()"
    )
    command = [sys.executable, "-c", script, "predict", clip, "-w", workspace, "-o", out, *options]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, timeout=120, check=True, text=True
    )


@pytest.mark.parametrize(
    ("options", "frames"),
    # A Beam job's elements are videos: how many frames they may have is not asked.
    [([], "frames 12 of 12 ("), (["--runner=FnApiRunner"], "frames 12 (")],
)
def test_without_a_terminal_lines_say_how_far_it_is(clip, workspace, tmp_path, options, frames):
    done = in_file(clip, workspace, tmp_path / "out", *options)
    lines = [line for line in done.stdout.splitlines() if " predict: " in line]
    assert any(frames in line for line in lines), done.stdout
    assert "videos 1 of 1" in lines[-1]
    assert done.stderr == ""


def test_lines_of_progress_do_not_stand_among_the_rows(clip, workspace):
    done = in_file(clip, workspace, "-")
    assert len(done.stdout.splitlines()) == 13
    assert "predict:" not in done.stdout
    assert "frames 12 of 12 (" in done.stderr


def test_whoever_has_read_enough_may_go(clip, workspace):
    command = [sys.executable, "-m", "pipelines.cli", "predict", clip, "-w", workspace, "-o", "-"]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        assert done.stdout.readline().startswith(b"frame,second,person,")
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 0


def test_what_is_wrong_does_not_stand_among_the_rows(affectflow, workspace, tmp_path):
    (tmp_path / "notes.mp4").write_text("no video")
    done = affectflow("predict", tmp_path / "notes.mp4", "-w", workspace, "-o", "-")
    assert done.code == 1
    assert len(done.out.splitlines()) == 1  # the head of the table
    assert done.err.startswith("Error: unreadable: ")


@pytest.mark.skipif(not REALDATA.is_dir(), reason=f"no {REALDATA} (AFFECTFLOW_REALDATA)")
def test_every_frame_of_the_real_clips_has_a_row(predict, tmp_path):
    done = predict(REALDATA)
    assert done.code == 0, done.out
    frames = {
        path.stem: [int(row["frame"]) for row in rows(path)]
        for path in (tmp_path / "out").glob("*.csv")
    }
    # Counted by ffprobe's -count_frames.
    counts = {"WolfgangLanger_Pexels": 472, "single_face": 72, "no_face": 95, "face_noface": 169}
    assert {name: sorted(set(found)) for name, found in frames.items()} == {
        name: list(range(count)) for name, count in counts.items()
    }


@pytest.mark.parametrize(
    ("option", "name"), [("--annotate", "x.annotated.mp4"), ("--plot", "x.plot.png")]
)
def test_a_picture_of_one_s_own_stays(predict, clip, tmp_path, option, name):
    video = tmp_path / "x.mp4"
    video.write_bytes(clip.read_bytes())
    own = tmp_path / "out" / name
    own.parent.mkdir()
    own.write_bytes(b"my own")
    done = predict(video, option)
    assert done.code == 1
    assert f"{name} exists and holds no predictions of ours" in done.out
    assert own.read_bytes() == b"my own"
    own.unlink()
    assert predict(video, option).code == 0
    # What was written here may be written anew.
    assert predict(video, option).code == 0


def test_a_long_name_is_annotated_too(predict, clip, tmp_path):
    video = tmp_path / ("a" * 241 + ".mp4")
    video.write_bytes(clip.read_bytes())
    done = predict(video, "--annotate")
    assert done.code == 0, done.out.replace("a" * 200, "…")
    found = {path.name for path in (tmp_path / "out").iterdir()}
    assert "a" * 241 + ".csv" in found
    (annotated,) = found - {"a" * 241 + ".csv"}
    assert annotated.endswith(".annotated.mp4")


def process(clip, workspace, out, before="", **options):
    """The command as a process, with ``before`` in front of it in a shell that has $CLIP, …"""
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "predict"]
    named = {"CLIP": str(clip), "WS": str(workspace), "OUT": str(out), "PYTHONPATH": str(PROJECT)}
    # Tests that run in the background of a shell would hand on that Ctrl-C is not heard.
    line = "env --default-signal=INT " + " ".join(f"'{word}'" for word in command)
    line += ' "$CLIP" -w "$WS" -o "$OUT"'
    return subprocess.Popen(
        ["bash", "-c", f"{before} exec {line} {options.pop('after', '')}"],
        env={**os.environ, **named, **options}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def test_a_terminal_without_the_letters_shows_them_otherwise(clip, workspace, tmp_path):
    done = process(clip, workspace, tmp_path / "out", PYTHONIOENCODING="ascii")
    out, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    assert "\\u4f60\\u597d" in out
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".csv"]


@pytest.mark.parametrize("after", ["2>&-", ">&-", "2>&- >&- <&-"])
def test_streams_that_are_closed_lead_nowhere(clip, workspace, tmp_path, after):
    done = process(clip, workspace, tmp_path / "out", after=after)
    done.communicate(timeout=120)
    assert done.returncode == 0
    (path,) = (tmp_path / "out").iterdir()
    assert len(rows(path)) == 12


THREADS = "--direct_running_mode=multi_threading --direct_num_workers=2"


@pytest.fixture(scope="module")
def long_video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("long") / "long.mp4", [paste(20, 20)] * 600)


@pytest.mark.parametrize(
    ("beam", "signal_"),
    [
        ("", signal.SIGTERM),
        ("--annotate", signal.SIGTERM),
        ("--runner=FnApiRunner", signal.SIGTERM),
        # A signal unwinds the main thread alone.
        (f"--runner=FnApiRunner {THREADS} --annotate", signal.SIGTERM),
        (f"--runner=FnApiRunner {THREADS}", signal.SIGINT),
    ],
)
def test_a_process_that_is_asked_to_end_leaves_nothing(
    workspace, long_video, tmp_path, beam, signal_
):
    out = tmp_path / "out"
    running = process(long_video, workspace, out, after=beam)
    deadline = time.monotonic() + 150
    ending = ".mp4.*.part" if "--annotate" in beam else ".part"
    while not list(out.glob(f".long*{ending}")) and time.monotonic() < deadline:
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    running.send_signal(signal_)
    told, err = running.communicate(timeout=100)
    assert "Traceback" not in told + err
    assert len(err.splitlines()) <= 1
    # 143 = 128 + 15, as a shell says it; Ctrl-C's is typer's.
    ended = running.returncode
    assert (ended == 143) if signal_ == signal.SIGTERM else (ended != 0), (ended, told, err)
    assert list(out.iterdir()) == []
