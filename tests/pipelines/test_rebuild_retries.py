"""What may pass is tried again by the next rebuild, and all else where that is asked for."""

from __future__ import annotations

import pytest

from affectflow.errors import TransientReject
from affectflow.faces import extract, store

INGEST = "VideoExampleGen"
SHARE = ("--set", "ingest.max_reject_share=0.5")


def ingest_was(outcome) -> str:
    """done or reused, as the command's lines say."""
    rows = [line.split() for line in outcome.out.splitlines()]
    return next(row[0] for row in rows if len(row) == 4 and row[1] == INGEST)


@pytest.fixture
def broken_night(monkeypatch):
    """broken_night(): from now on one video's decoder breaks, until ``undo``."""
    decode = extract.stream_frames

    def breaks(path, *args, **more):
        if path.name == "new.mp4":
            raise TransientReject("unreadable", f"{path}: the decoder was ended from outside")
        yield from decode(path, *args, **more)

    monkeypatch.setattr(extract, "stream_frames", breaks)
    return monkeypatch


def test_what_may_pass_does_not_enter_the_cache(
    own_corpus, own_workspace, rebuild, ffmpeg, broken_night
):
    source = next((own_corpus / "videos").rglob("001-1-*.mp4"))
    annotation = next((own_corpus / "annotations").rglob(f"{source.stem}.txt"))
    ffmpeg("-i", source, "-fps_mode", "passthrough", "-crf", "30", source.with_name("new.mp4"))
    annotation.with_name("new.txt").write_bytes(annotation.read_bytes())
    first = rebuild(own_corpus, own_workspace, *SHARE)
    assert first.outcome.code == 0, first.outcome.err
    assert "6 of 7 clips used" in first.outcome.out
    broken_night.undo()
    second = rebuild(own_corpus, own_workspace, *SHARE)
    assert ingest_was(second.outcome) == "done"
    assert "7 of 7 clips used" in second.outcome.out
    third = rebuild(own_corpus, own_workspace, *SHARE)
    assert ingest_was(third.outcome) == "reused"
    assert third.outcome.last_line == second.outcome.last_line


def test_retry_rejects_tries_all_again(own_corpus, own_workspace, rebuild, monkeypatch):
    source = next((own_corpus / "videos").rglob("001-1-*.mp4"))
    annotation = next((own_corpus / "annotations").rglob(f"{source.stem}.txt"))
    source.with_name("new.mp4").write_bytes(source.read_bytes()[:5000])
    annotation.with_name("new.txt").write_bytes(annotation.read_bytes())
    asked = []
    decode = extract.stream_frames

    def counting(path, *args, **more):
        asked.append(path.name)
        yield from decode(path, *args, **more)

    monkeypatch.setattr(extract, "stream_frames", counting)
    first = rebuild(own_corpus, own_workspace, *SHARE)
    assert "6 of 7 clips used" in first.outcome.out, first.outcome.err
    assert asked == ["new.mp4"]
    assert ingest_was(rebuild(own_corpus, own_workspace, *SHARE).outcome) == "reused"
    again = rebuild(own_corpus, own_workspace, *SHARE, "--retry-rejects")
    assert ingest_was(again.outcome) == "done"
    assert asked == ["new.mp4"] * 2
    # Nothing else came of it, and it is not tried for ever.
    assert "6 of 7 clips used" in again.outcome.out
    assert again.shards() == first.shards()
    assert ingest_was(rebuild(own_corpus, own_workspace, *SHARE).outcome) == "reused"
    # Another ffmpeg may have the decoder that was missing.
    monkeypatch.setattr(store, "judge", lambda: {"ffmpeg": "99"})
    rebuild(own_corpus, own_workspace, *SHARE, "--set", "ingest.shard_frames=50")
    assert asked == ["new.mp4"] * 3
