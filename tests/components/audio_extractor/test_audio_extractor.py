"""Every clip that has frames has a record of its sound, in the clips' order."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from tfx.types import standard_artifacts

from affectflow import progress
from affectflow.audio.functionals import FEATURES, functional_names
from affectflow.corpora.clip import Clip
from affectflow.corpora.manifest import build_manifest
from affectflow.errors import InputError, RejectedClip, TransientReject
from affectflow.records.audio import AudioRecord, parse_audio
from affectflow.records.clips import ClipPart, StoredClip, save_clips
from affectflow.records.shards import read_shard, shards
from affectflow.release.tree import tree_digest
from affectflow.unforeseen import RepeatedFault
from affectflow.video.digest import content_digest
from affectflow.video.ffmpeg import find_ffmpeg
from components.audio_extractor import executor, listen
from components.audio_extractor.executor import Executor
from components.audio_extractor.listen import hear
from tests.lost_elements import losses_unnoticed


def film(path: Path, hz: int | None) -> Path:
    """A short black video that hums at ``hz``, or is silent."""
    hum = ["-f", "lavfi", "-i", f"sine=f={hz}:d=0.4:r=22050", "-c:a", "pcm_s16le"] if hz else []
    argv = [
        find_ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", "color=s=32x32:r=10:d=0.4",
        *hum, "-c:v", "mpeg4", f"file:{path}",
    ]  # fmt: skip
    subprocess.run(argv, check=True, timeout=60)
    return path


@pytest.fixture
def corpus(tmp_path) -> list[Clip]:
    """b and c are of one video, e is silent, f is a folder of images, x is no video at all."""

    def clip(name, split, source, person=""):
        return Clip("made", name, f"who of {name}", split, tmp_path / source, person=person)

    film(tmp_path / "low.avi", 150)
    film(tmp_path / "two.avi", 300)
    film(tmp_path / "silent.avi", None)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "0001.png").write_bytes(b"a picture")
    (tmp_path / "broken.avi").write_bytes(b"no video")
    return [
        clip("a", "train", "low.avi"),
        clip("b", "train", "two.avi", "left"),
        clip("c", "eval", "two.avi", "right"),
        clip("d", "eval", "low.avi"),
        clip("e", "train", "silent.avi"),
        clip("f", "eval", "images"),
        clip("x", "train", "broken.avi"),
    ]


@pytest.fixture
def frames(tmp_path, corpus, make_artifact):
    """What VideoExampleGen leaves of ``corpus``, without the frames themselves; x is rejected."""
    examples = make_artifact(standard_artifacts.Examples, tmp_path / "frames")
    stored = [
        StoredClip(clip.video_id, clip.subject_id, "made", split, (ClipPart(0, 0, 1),))
        for split in ("train", "eval")
        for clip in corpus
        if clip.split == split and clip.video_id != "x"
    ]
    save_clips(examples.uri, stored)
    manifest = build_manifest(corpus, content_digest)
    Path(examples.uri, "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
    return examples


@pytest.fixture
def extract(execute, frames):
    """extract(beam=()) -> the artifact ``audio``"""

    def run(beam=()):
        outputs = {"audio": standard_artifacts.Examples}
        made = execute(Executor, {"frames": frames}, outputs, {"code_version": "test"}, beam=beam)
        return made["audio"]

    return run


def records_of(audio, split: str) -> list[AudioRecord]:
    return [parse_audio(r) for path in shards(audio.uri, split) for r in read_shard(path)]


def test_every_used_clip_has_a_record_in_order(extract):
    told = []
    with progress.listening(lambda *call: told.append(call)):
        audio = extract()
    train, held_out = records_of(audio, "train"), records_of(audio, "eval")
    assert [record.video_id for record in train] == ["a", "b", "e"]
    assert [record.video_id for record in held_out] == ["c", "d", "f"]
    assert {(record.corpus, record.subject_id) for record in train} == {
        ("made", "who of a"), ("made", "who of b"), ("made", "who of e"),
    }  # fmt: skip
    assert audio.split_names == '["train", "eval"]'
    assert [path.name for path in shards(audio.uri, "train")] == ["data-00000-of-00001.tfrecord"]
    # Files are heard once, however many clips they hold.
    assert sorted(told) == [("sound of clips", n, 6) for n in (1, 1, 2, 2)]

    heard = {record.video_id: record.functionals for record in train + held_out}
    assert heard["e"] is None
    assert heard["f"] is None
    place = functional_names().index("f0_median")
    assert {len(heard[name]) for name in "abcd"} == {FEATURES}
    assert [round(float(heard[name][place])) for name in "abcd"] == pytest.approx(
        [150, 300, 300, 150], abs=3
    )
    np.testing.assert_array_equal(heard["b"], heard["c"])


def test_shards_and_workers_change_nothing(extract, monkeypatch):
    before = extract()
    monkeypatch.setattr(executor, "SHARD_CLIPS", 2)
    after = extract(beam=["--direct_num_workers=2", "--direct_running_mode=multi_threading"])
    for split in ("train", "eval"):
        assert [path.name for path in shards(after.uri, split)] == [
            "data-00000-of-00002.tfrecord", "data-00001-of-00002.tfrecord",
        ]  # fmt: skip
        assert [r.serialize() for r in records_of(after, split)] == [
            r.serialize() for r in records_of(before, split)
        ]


def test_a_split_without_clips(extract, frames):
    save_clips(frames.uri, [StoredClip("a", "who of a", "made", "train", ())])
    audio = extract()
    assert [record.video_id for record in records_of(audio, "train")] == ["a"]
    assert Path(audio.uri, "Split-eval").is_dir()
    assert records_of(audio, "eval") == []


def test_a_video_that_is_gone(extract, corpus):
    corpus[0].source.unlink()
    with pytest.raises(Exception, match=r"low\.avi: No such file .*, but the frames of clip 'a'"):
        extract()


def test_a_video_that_has_changed(extract, corpus):
    film(corpus[0].source, 200)
    with pytest.raises(Exception, match=r"low\.avi has sha256 \w{12}…, but had \w{12}… when the"):
        extract()


@pytest.mark.parametrize("name", ["clips.json", "manifest.json"])
def test_frames_of_another_kind(extract, frames, name):
    Path(frames.uri, name).unlink()
    with pytest.raises(InputError, match=f"has no {name}; give the examples of a VideoExampleGen"):
        extract()


def test_clips_of_another_manifest(extract, frames):
    save_clips(frames.uri, [StoredClip("z", "s", "made", "train", ())])
    with pytest.raises(InputError, match=r"clip 'z' of .* is not in manifest\.json"):
        extract()


def failing(*sources: str, error: type[Exception] = ValueError):
    """What describes sound and raises at the sources of these names."""

    def describe(path):
        if path.name in sources:
            raise error(f"no sense in {path.name}")
        return hear(path)

    return describe


def test_what_nobody_foresaw_leaves_its_clips_without_sound(extract, monkeypatch, caplog):
    monkeypatch.setattr(listen, "hear", failing("low.avi", "silent.avi"))
    audio = extract()
    records = [r for split in ("train", "eval") for r in records_of(audio, split)]
    heard = {record.video_id for record in records if record.functionals is not None}
    assert len(records) == 6
    assert heard == {"b", "c"}
    assert "clip a is rejected: unforeseen" in caplog.text
    assert "ValueError: no sense in low.avi" in caplog.text


def test_a_source_that_is_refused_has_no_sound(extract, monkeypatch, caplog):
    def refuse(path):
        raise RejectedClip("unreadable", f"{path}: nothing in it")

    monkeypatch.setattr(listen, "hear", refuse)
    assert all(record.functionals is None for record in records_of(extract(), "train"))
    assert "a is taken as without sound: unreadable: " in caplog.text


def test_three_sources_in_a_row_are_nobodys_fault(extract, monkeypatch):
    # In the order of their clips: low (a, d), two (b, c), silent (e), images (f).
    monkeypatch.setattr(listen, "hear", failing("two.avi", "silent.avi", "images"))
    with pytest.raises(RepeatedFault, match=r"3 clips in a row, b, e, f: builtins\.ValueError"):
        extract()


@pytest.mark.parametrize("error", [MemoryError, TransientReject])
def test_the_machines_faults_end_the_node(extract, monkeypatch, error):
    def fail(path):
        raise TransientReject("unreadable", "killed") if error is TransientReject else error

    monkeypatch.setattr(listen, "hear", fail)
    with pytest.raises(Exception, match=r"out of memory|unreadable: killed"):
        extract()


def test_no_element_is_lost_unnoticed(extract):
    assert losses_unnoticed(lambda: tree_digest(Path(extract().uri))) == []
