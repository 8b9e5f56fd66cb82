import json
import shutil

import pytest

from affectflow.synth.settings import SynthSettings

FIELDS = [
    "videos", "frames_decoded", "faces", "frames_kept", "cnn_ccc_valence", "cnn_ccc_arousal",
    "rnn_ccc_valence", "rnn_ccc_arousal", "blessed", "release", "seconds",
]  # fmt: skip
TINY = [
    option
    for value in ("cnn.epochs=1", "rnn.epochs=1", "rnn.window=10", "gate.bootstrap=50",
                  "ingest.shard_frames=40", "gate.min_ccc_mean=-1", "gate.min_ccc_valence=-1",
                  "gate.min_ccc_arousal=-1")
    for option in ("--set", value)
]  # fmt: skip


@pytest.fixture
def small(monkeypatch, corpus, rebuilt, tmp_path):
    """A folder in which the demo finds its corpus, a smaller one, rendered and decoded already."""
    import pipelines.recipes.demo

    settings = SynthSettings(subjects=4, clips=1, seconds=3.0, fps=10, size=200)
    monkeypatch.setattr(pipelines.recipes.demo, "CORPUS", settings)
    shutil.copytree(corpus, tmp_path / "demo/corpus")
    shutil.copytree(rebuilt.workspace / "faces", tmp_path / "demo/workspace/faces")
    return tmp_path / "demo"


def test_the_last_line_is_the_result(small, affectflow, rebuilt):
    done = affectflow("demo", "--out", small, *TINY)
    assert done.code == 0, done.err
    result = json.loads(done.last_line)
    assert list(result) == FIELDS
    counted = rebuilt.counts()["frames"].values()
    assert result["videos"] == 5  # files, one of which shows two people
    assert result["frames_decoded"] == sum(frames["decoded"] for frames in counted)
    assert result["faces"] == sum(frames["decoded"] - frames["no_face"] for frames in counted)
    assert result["frames_kept"] == sum(frames["kept"] for frames in counted)
    assert result["blessed"] is True
    assert result["release"] == str(small / "workspace/releases/0001")
    metrics = json.loads((small / "workspace/releases/0001/metrics.json").read_text())
    for stage in ("cnn", "rnn"):
        for label in ("valence", "arousal"):
            ccc = metrics["stages"][stage]["outputs"][label]["ccc"]
            assert result[f"{stage}_ccc_{label}"] == ccc

    again = affectflow("demo", "--out", small, *TINY)
    assert again.code == 0, again.err
    second = json.loads(again.last_line)
    (line,) = (row for row in again.out.splitlines() if row.startswith("reused from an earlier"))
    assert "VideoExampleGen" in line
    assert "CnnTrainer" in line
    assert second["seconds"] < result["seconds"]
    assert {**second, "seconds": 0} == {**result, "seconds": 0}
