import json
import sqlite3

import numpy as np
import pytest

from affectflow import load_release
from affectflow.corpora.manifest import Manifest
from affectflow.models.released import ReleasedModel
from affectflow.predict.people import seen_frames
from affectflow.records.features import parse_run
from affectflow.records.shards import read_shard, shards
from pipelines.moved import settle
from pipelines.workspace import Workspace
from tests.tiny_release import LENIENT, TINY


@pytest.fixture(scope="module")
def release(affectflow, rebuilt):
    """release(*options) in the workspace of the rebuilt corpus."""

    def run(*options):
        return affectflow("release", "-r", "demo", "-w", rebuilt.workspace, *TINY, *options)

    return run


@pytest.fixture(scope="module")
def released(release):
    done = release(*LENIENT)
    assert done.code == 0, done.err
    return done


def test_a_blessed_model_becomes_a_release(released, rebuilt):
    from affectflow.release import load

    folder = rebuilt.workspace / "releases/0001"
    assert released.last_line == f"release {folder}"
    assert "blessed" in released.out
    found = load(folder, full=True)
    assert set(found.models) == {"serving", "cnn", "rnn", "tflite"}
    assert (found.models["tflite"] / "model.tflite").is_file()
    assert found.recipe["name"] == "demo"
    assert found.recipe["rnn"]["window"] == 10
    assert found.recipe["gate"]["min_ccc_mean"] == -1
    assert found.metrics["verdict"]["blessed"] is True
    assert found.lineage["frames"] == str(rebuilt.newest("VideoExampleGen", "examples"))
    assert set(found.metrics["stages"]) == {"cnn", "rnn"}
    # Every labelled frame of eval that has a face is measured, and no other.
    assert found.metrics["frames"] == rebuilt.counts()["frames"]["eval"]["kept"]


def test_what_it_imports_are_the_artifacts_of_the_rebuild(released, rebuilt):
    with sqlite3.connect(rebuilt.workspace / "metadata.sqlite") as database:
        doubled = "SELECT uri FROM Artifact GROUP BY uri HAVING count(*) > 1"
        assert database.execute(doubled).fetchall() == []


def test_what_is_served_takes_images(released, rebuilt):
    import tensorflow as tf

    served = tf.saved_model.load(str(rebuilt.workspace / "releases/0001/model/serving"))
    assert served.signatures


def clips_of_eval(rebuilt):
    """video_id -> its clip, of the split that was predicted."""
    manifest = (rebuilt.newest("VideoExampleGen", "examples") / "manifest.json").read_text()
    clips = (entry.clip for entry in Manifest.from_json(manifest).entries)
    return {clip.video_id: clip for clip in clips if clip.split == "eval"}


def records_of_eval(rebuilt, node, output):
    """Serialized records that a node of the release has left, of the newest execution."""
    folders = (rebuilt.workspace / "artifacts/demo_release" / node / output).glob("[0-9]*")
    newest = max(folders, key=lambda folder: int(folder.name))
    return [record for path in shards(newest, "eval") for record in read_shard(path)]


def test_training_equals_serving(released, rebuilt):
    """Videos through `predict`, against what the pipeline's nodes made of their frames."""
    import tensorflow as tf

    predictor = load_release(rebuilt.workspace)
    trained = {}
    for record in records_of_eval(rebuilt, "Predictor", "predictions"):
        feature = tf.train.Example.FromString(record).features.feature
        key = feature["video_id"].bytes_list.value[0].decode()
        frame = feature["frame_index"].int64_list.value[0]
        values = [feature[f"rnn_{name}"].float_list.value[0] for name in ("valence", "arousal")]
        trained.setdefault(key, {})[frame] = values
    clips = clips_of_eval(rebuilt)
    assert set(trained) == set(clips)
    compared = 0
    for video_id, wanted in trained.items():
        clip = clips[video_id]
        found = predictor.predict(clip.source, people="all" if clip.person else "one")
        found = found.dropna(subset=["person"])
        if clip.person:
            # The people of one video are clips of their own in training.
            place = found.groupby("person").x.mean()
            who = place.idxmin() if clip.person == "left" else place.idxmax()
            found = found[found.person == who]
        assert found.frame.tolist() == sorted(wanted)
        values = np.array([wanted[frame] for frame in found.frame])
        np.testing.assert_allclose(found[["valence", "arousal"]], values, atol=1e-4)
        compared += len(values)
    # One subject of thirty frames, two or three of which are away.
    assert compared > 20


def test_training_s_features_are_serving_s(released, rebuilt):
    predictor = load_release(rebuilt.workspace)
    served = ReleasedModel(predictor.release.models["serving"])
    clips = clips_of_eval(rebuilt)
    for record in records_of_eval(rebuilt, "FeatureExtractor", "features"):
        run = parse_run(record)
        clip = clips[run.video_id]
        if clip.person:
            continue
        seen = seen_frames(clip.source, predictor.faces, people="one")
        crops = {frame.index: frame.people[0].crop for frame in seen if frame.people}
        faces = [crops[run.first_frame + step] for step in range(len(run.features))]
        found = served.features(np.array(faces, object))
        np.testing.assert_allclose(found, run.features, atol=1e-4)


def test_the_metrics_fit_a_terminal_and_valence_comes_first(released):
    lines = released.out.splitlines()
    (head,) = (line for line in lines if "CCC mean" in line)
    assert head.split("  ")[-1].strip() == "95 % over videos"
    assert head.index("CCC valence") < head.index("CCC arousal") < head.index("CCC mean")
    tables = [line for line in lines if line.startswith(("CNN alone", "CNN + RNN"))]
    assert len(tables) == 4
    # 80 columns is what rich takes where nobody says more.
    assert max(map(len, [head, *tables])) <= 80


def test_the_same_release_again_is_unchanged(released, release, rebuilt):
    again = release(*LENIENT)
    assert again.code == 0, again.err
    folder = rebuilt.workspace / "releases/0001"
    assert again.last_line == f"the same model is released already: {folder}"
    assert not (rebuilt.workspace / "releases/0002").exists()
    assert "reused   CnnTrainer" in again.out


@pytest.fixture
def moved(released, rebuilt, tmp_path):
    """The folder of the workspace, which stands elsewhere for as long as the test runs."""
    was, now = rebuilt.workspace, tmp_path / "elsewhere"
    was.rename(now)
    yield now
    now.rename(was)
    # As at the beginning, for the tests that follow.
    settle(Workspace(was))


def test_a_moved_workspace_trains_nothing_again_and_knows_who_made_what(moved, affectflow):
    again = affectflow("release", "-r", "demo", "-w", moved, *TINY, *LENIENT)
    assert again.code == 0, again.err
    assert again.last_line == f"the same model is released already: {moved / 'releases/0001'}"
    # Whoever looks at the latest release may not have seen the first one yet.
    nodes = ("CnnTrainer", "FeatureExtractor", "RnnTrainer", "Predictor", "Exporter")
    assert {node: again.states[node] for node in nodes} == dict.fromkeys(nodes, "reused")
    told = affectflow("runs", "lineage", "1", "-w", moved, "--json")
    found = json.loads(told.out)
    for thing in (found["evaluation"], found["manifest"], *found["models"]):
        assert thing["uri"].startswith(f"{moved}/")
        assert thing["exists"]
        assert thing["made_by_node"]
    assert found["rebuild"] is not None


def test_a_model_below_the_bounds_is_refused_and_recorded(released, release, rebuilt):
    before = set((rebuilt.workspace / "releases").glob("refused/*"))
    refused = release("--set", "gate.min_ccc_mean=0.99")
    assert refused.code == 0, refused.err
    assert "refused" in refused.out
    (record,) = set((rebuilt.workspace / "releases").glob("refused/*")) - before
    assert refused.last_line == f"recorded in {record}"
    (reason, *_) = json.loads(record.read_text())["reasons"]
    assert "below min_ccc_mean 0.9900" in reason
    # Another gate is no reason to train again.
    assert "reused   RnnTrainer" in refused.out
    assert not (rebuilt.workspace / "releases/0002").exists()


def test_a_refusal_is_an_error_when_asked(released, release):
    refused = release("--set", "gate.min_ccc_mean=0.99", "--fail-on-refusal")
    assert refused.code == 1
    assert refused.err.startswith("Error: the gate refused the model: rnn mean CCC")
    assert "Traceback" not in refused.err


def test_nothing_to_train_on(tmp_path, affectflow, rebuilt):
    empty = affectflow("release", "-r", "demo", "-w", tmp_path / "ws")
    assert empty.code == 1
    assert "holds no runs; 'affectflow rebuild' first" in empty.err
    # Nothing was rebuilt by another recipe, nor in a run of that name.
    other = affectflow("release", "-r", "affwild2", "-w", rebuilt.workspace)
    assert other.code == 1
    assert "there is no a finished run" not in other.err
    assert "no finished run of affwild2_rebuild" in other.err
    absent = affectflow("release", "-r", "demo", "-w", rebuilt.workspace, "--rebuild-run", "x")
    assert absent.code == 1
    assert "no run 'x' of demo_rebuild" in absent.err


def test_a_setting_of_the_data_is_refused(release):
    for setting in ("subset=mean", "sampler.rule=cap", "image_size=64", "faces.size=96"):
        done = release("--set", setting)
        assert done.code == 1
        assert "a release takes from its rebuild" in done.err


def test_a_subset_that_was_not_rebuilt(release):
    done = release("--subset", "mean")
    assert done.code == 1
    assert "no finished run of demo_rebuild with subset 'mean'" in done.err


def test_training_may_start_from_a_release(released, release, rebuilt):
    # The last test of this file: the others count on the first release alone.
    from affectflow.release import load

    first = load(rebuilt.workspace / "releases/0001")
    # Within such a margin anything is as good as the release that it is compared with.
    done = release("--start-from", "1", *LENIENT, "--set", "gate.margin=2")
    assert done.code == 0, done.err
    assert f"starts from release {first.path}" in done.out
    second = rebuilt.workspace / "releases/0002"
    assert done.last_line == f"release {second}"
    assert load(second).lineage["started_from"] == {
        "release": str(first.path), "number": 1, "origin": "trained", "digest": first.models_digest
    }  # fmt: skip
    assert first.lineage["started_from"] is None
    # The first stage's data are as before, and yet it is not the cached one.
    assert "reused   CnnTrainer" not in done.out
    for stage in ("cnn", "rnn"):
        node = rebuilt.workspace / f"artifacts/demo_release/{stage.capitalize()}Trainer/model_run"
        newest = max(node.glob("[0-9]*"), key=lambda folder: int(folder.name))
        told = json.loads((newest / "history.json").read_text())
        assert told["started_from"] == str(first.models[stage])
