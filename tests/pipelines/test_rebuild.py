from pathlib import Path

import pytest

from tests.realdata import REALDATA

PROJECT = Path(__file__).resolve().parents[2]
NODES = [
    "VideoExampleGen", "FramesSchema", "StatisticsGen", "ExampleValidator", "DensitySampler",
    "Transform",
]  # fmt: skip


def records(folder, split):
    """Number of records of a split, whoever wrote it."""
    import tensorflow as tf

    files = [str(path) for path in sorted((folder / f"Split-{split}").iterdir())]
    kind = "GZIP" if files[0].endswith(".gz") else None
    return sum(1 for _ in tf.data.TFRecordDataset(files, compression_type=kind))


@pytest.mark.parametrize("split", ["train", "eval"])
def test_every_frame_is_accounted_for(rebuilt, annotated_rows, split):
    frames = rebuilt.counts()["frames"][split]
    rows = [row for clip in annotated_rows[split].values() for row in clip]
    # Row i of an annotation is frame i of its video: as many frames as rows.
    assert frames["decoded"] == len(rows)
    assert frames["decoded"] == sum(frames.values()) - frames["decoded"]
    labelled = sum(-5 not in row for row in rows)
    assert 0 < frames["kept"] <= labelled
    assert frames["no_label"] <= len(rows) - labelled
    assert frames["removed_zero"] <= sum(row == [0, 0] for row in rows)
    if split == "eval":
        # What is measured on is never thinned out.
        assert frames["removed_zero"] == frames["removed_balancing"] == 0


def test_each_video_gives_all_its_frames(rebuilt, annotated_rows):
    rows = {clip: len(found) for by in annotated_rows.values() for clip, found in by.items()}
    assert rebuilt.decoded() == rows


@pytest.mark.parametrize("split", ["train", "eval"])
def test_the_records_are_those_that_were_counted(rebuilt, split):
    frames = rebuilt.counts()["frames"][split]
    ingested = records(rebuilt.newest("VideoExampleGen", "examples"), split)
    assert ingested == frames["decoded"] - frames["no_face"]
    assert records(rebuilt.newest("DensitySampler", "balanced"), split) == frames["kept"]
    assert records(rebuilt.newest("Transform", "transformed_examples"), split) == frames["kept"]


def test_shards_have_the_size_that_was_asked_for(rebuilt):
    from affectflow.records.shards import read_shard

    folder = rebuilt.newest("VideoExampleGen", "examples") / "Split-train"
    sizes = [sum(1 for _ in read_shard(path)) for path in sorted(folder.iterdir())]
    assert sizes[:-1] == [40] * (len(sizes) - 1)
    assert len(sizes) > 2
    assert 0 < sizes[-1] <= 40


def test_no_subject_stands_in_both_splits(rebuilt):
    from affectflow.records.clips import load_clips

    clips = load_clips(rebuilt.newest("VideoExampleGen", "examples"))
    subjects = {s: {c.subject_id for c in clips if c.split == s} for s in ("train", "eval")}
    assert all(subjects.values())
    assert not subjects["train"] & subjects["eval"]


def test_the_command_shows_where_the_frames_went(rebuilt):
    out = rebuilt.outcome.out
    frames = rebuilt.counts()["frames"]
    assert rebuilt.outcome.states == dict.fromkeys(NODES, "done")
    assert "6 of 6 clips used" in out
    for row in ("decoded", "no_face", "kept"):
        shown = next(line for line in out.splitlines() if line.startswith(row.replace("_", " ")))
        assert shown.split()[-2:] == [str(frames["train"][row]), str(frames["eval"][row])]
    assert rebuilt.outcome.last_line == f"frames  {rebuilt.newest('VideoExampleGen', 'examples')}"
    assert rebuilt.outcome.err == ""


def test_a_second_rebuild_reuses_everything(rebuilt, corpus, rebuild):
    before = rebuilt.entries()
    again = rebuild(corpus, rebuilt.workspace)
    assert again.outcome.code == 0
    assert again.outcome.states == dict.fromkeys(NODES, "reused")
    assert again.outcome.last_line == rebuilt.outcome.last_line
    assert rebuilt.entries() == before


def test_adding_a_video_decodes_one(own_corpus, own_workspace, built, rebuild, ffmpeg):
    before = built(own_workspace).entries()
    source = next((own_corpus / "videos").rglob("001-1-*.mp4"))
    annotation = next((own_corpus / "annotations").rglob(f"{source.stem}.txt"))
    # Encoded anew: a mere copy has the content of one that is known.
    ffmpeg("-i", source, "-fps_mode", "passthrough", "-crf", "30", source.with_name("new.mp4"))
    (annotation.with_name("new.txt")).write_bytes(annotation.read_bytes())
    after = rebuild(own_corpus, own_workspace)
    assert after.outcome.code == 0, after.outcome.err
    assert "7 of 7 clips used" in after.outcome.out
    entries = after.entries()
    assert len(entries) == len(before) + 1
    assert {name: entries[name] for name in before} == before
    assert after.decoded()["new"] == len(annotation.read_text().splitlines()) - 1


def test_another_annotation_decodes_nothing(own_corpus, own_workspace, rebuilt, rebuild):
    before = rebuilt.entries()
    annotation = next((own_corpus / "annotations").rglob("001-1-*.txt"))
    header, *rows = annotation.read_text().splitlines()
    annotation.write_text("\n".join([header, *["-5,-5"] * len(rows)]) + "\n")
    after = rebuild(own_corpus, own_workspace)
    assert after.outcome.code == 0, after.outcome.err
    assert after.entries() == before
    old, new = rebuilt.counts()["frames"]["train"], after.counts()["frames"]["train"]
    assert new["decoded"] == old["decoded"]
    assert old["no_label"] < new["no_label"] <= old["no_label"] + len(rows)


def test_videos_without_labels_are_ingested(corpus, own_workspace, rebuild):
    done = rebuild(corpus / "videos", own_workspace, "--corpus", "folder")
    assert done.outcome.code == 0, done.outcome.err
    assert "The corpus has no labels" in done.outcome.out
    assert set(done.outcome.states) == set(NODES[:4])
    frames = done.counts("VideoExampleGen", "counts")["frames"]
    assert sum(f["kept"] for f in frames.values()) == 0
    assert sum(f["no_label"] for f in frames.values()) > 0


def test_real_clips_give_exactly_their_frames(tmp_path, rebuild):
    # As counted by `ffprobe -count_frames`; face_noface.mov has a variable frame rate.
    expected = {
        "WolfgangLanger_Pexels": 472, "single_face": 72, "no_face": 95, "face_noface": 169
    }  # fmt: skip
    if not all(any(REALDATA.glob(f"{name}.*")) for name in expected):
        pytest.skip(f"{REALDATA} does not hold the clips; set AFFECTFLOW_REALDATA")
    done = rebuild(REALDATA, tmp_path / "ws", "--corpus", "folder")
    assert done.outcome.code == 0, done.outcome.err
    assert done.decoded() == expected
    frames = done.counts("VideoExampleGen", "counts")["frames"]
    assert sum(f["decoded"] for f in frames.values()) == 808
