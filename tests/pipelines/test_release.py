import json

import pytest

# A model that has learnt nothing yet, in seconds.
TINY = [
    "--set", "cnn.epochs=1", "--set", "rnn.epochs=1", "--set", "rnn.window=10",
    "--set", "gate.bootstrap=50",
]  # fmt: skip
# What anything reaches.
LENIENT = [
    option
    for bound in ("min_ccc_mean", "min_ccc_valence", "min_ccc_arousal")
    for option in ("--set", f"gate.{bound}=-1")
]


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
    assert set(found.models) == {"serving", "cnn", "rnn"}
    assert found.recipe["name"] == "demo"
    assert found.recipe["rnn"]["window"] == 10
    assert found.recipe["gate"]["min_ccc_mean"] == -1
    assert found.metrics["verdict"]["blessed"] is True
    assert found.lineage["frames"] == str(rebuilt.newest("VideoExampleGen", "examples"))
    assert set(found.metrics["stages"]) == {"cnn", "rnn"}
    # Every labelled frame of eval that has a face is measured, and no other.
    assert found.metrics["frames"] == rebuilt.counts()["frames"]["eval"]["kept"]


def test_what_is_served_takes_images(released, rebuilt):
    import tensorflow as tf

    served = tf.saved_model.load(str(rebuilt.workspace / "releases/0001/model/serving"))
    assert served.signatures


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
