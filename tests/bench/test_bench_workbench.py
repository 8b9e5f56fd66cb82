from __future__ import annotations

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.video.decode import stream_frames
from affectflow.video.digest import DigestCache
from bench.ingest import cost_of_parts
from bench.workbench import Workbench


@pytest.fixture(scope="module")
def bench(tmp_path_factory) -> Workbench:
    made = Workbench(tmp_path_factory.mktemp("bench"), 1, lambda text: None)
    from affectflow.synth.corpus import render_corpus
    from affectflow.synth.settings import SynthSettings

    # One short clip in place of the bench's own: what is tested is what is made of it.
    settings = SynthSettings(subjects=1, clips=1, seconds=1.0, fps=10, size=160, seed=7, workers=1)
    root = render_corpus(made.root / "rendered", settings).root
    made.__dict__["clips"] = sorted(root.rglob("*.mp4"))[:1]
    return made


@pytest.mark.parametrize("frames", [7, 25])
def test_a_video_has_the_frames_that_were_asked_for(bench: Workbench, frames: int) -> None:
    # The clip has 10: one video is a part of it, the other goes round more than twice.
    video = bench.video(bench.root / f"{frames}.mp4", frames)
    assert sum(1 for _ in stream_frames(video)) == frames


def test_no_two_videos_are_the_same_to_the_store(bench: Workbench) -> None:
    videos = [bench.video(bench.root / f"n{n}.mp4", 10, n) for n in range(3)]
    cache = DigestCache(bench.root / "digests.json")
    assert len({cache.digest(video) for video in videos}) == 3


def test_a_corpus_is_labelled_for_every_frame_and_grows_by_whole_videos(bench: Workbench) -> None:
    root = bench.corpus(bench.root / "corpus", 4, 12)
    before = {path.name: path.stat().st_mtime_ns for path in root.glob("*.mp4")}
    bench.corpus(root, 5, 12)
    adapter = get_adapter("folder")
    clips = adapter.list_clips(root, CorpusSettings())
    assert [clip.split for clip in clips] == ["eval", "train", "train", "train", "eval"]
    after = {path.name: path.stat().st_mtime_ns for path in root.glob("*.mp4")}
    assert len(after) == 5
    assert after.items() >= before.items()  # the four were not written again
    labels = adapter.read_labels(clips[-1])
    assert labels is not None
    times = np.arange(12) / 10
    aligned = labels.align(12, times, slack=0, max_gap_s=1.0, frames_exact=True)
    assert aligned.shape == (12, 2)
    assert abs(aligned).max() <= 0.8


def test_parts_are_measured_each(bench: Workbench) -> None:
    spent = cost_of_parts([bench.video(bench.root / "parts.mp4", 30)])
    assert list(spent) == ["decode", "detect", "align", "encode"]
    # Decoding is another process's work, which only counts when children are counted.
    assert spent["decode"] > 0
    assert spent["detect"] > spent["encode"] > 0
