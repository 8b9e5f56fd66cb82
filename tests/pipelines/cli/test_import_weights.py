"""``affectflow import-weights`` as a person uses it."""

import json

import pytest

from tests import keras2_files as files


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return files.write_both(tmp_path_factory.mktemp("weights"))


def test_both_files_become_a_release(affectflow, weights):
    command = ["--cnn", weights / "cnn.h5", "--rnn", weights / "rnn.h5", "-w", weights / "ws"]
    done = affectflow("import-weights", *command)
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert "CNN  " + str(weights / "cnn.h5") in done.out
    assert "RNN gru3  " + str(weights / "rnn.h5") in done.out
    assert ["conv2d_1", "5×5×1×64", "1", "600"] in lines
    assert ["parameters", "1", "333", "706"] in lines
    assert ["parameters", "204", "102"] in lines
    assert "predicts valence and arousal\nnot evaluated here: 'affectflow release' scores" in (
        done.out
    )
    release = weights / "ws/releases/0001"
    assert done.last_line == f"release {release}"
    assert json.loads((release / "release.json").read_text())["origin"] == "imported"
    recipe = json.loads((release / "recipe.json").read_text())
    assert recipe["name"] == "affwild2"
    # What whoever predicts with the release reads of it.
    assert {"faces", "image", "predict", "cnn", "rnn"} <= recipe.keys()
    lineage = json.loads((release / "lineage.json").read_text())
    assert lineage["packages"]["keras"].startswith("3.")
    assert list((weights / "ws/logs").iterdir())

    again = affectflow("import-weights", *command)
    assert again.code == 0, again.err
    assert "the same files are released already" in again.out
    assert again.last_line == f"release {release}"
    assert not (weights / "ws/releases/0002").exists()


@pytest.mark.parametrize(
    ("given", "missing"),
    [(["--cnn"], "--rnn is missing"), (["--rnn"], "--cnn is missing"), ([], "--cnn and --rnn are")],
)
def test_one_file_is_not_enough(affectflow, weights, tmp_path, given, missing):
    options = [part for option in given for part in (option, weights / "cnn.h5")]
    refused = affectflow("import-weights", *options, "-w", tmp_path / "ws")
    assert refused.code == 1
    assert refused.err.startswith(f"Error: {missing}")
    assert "those of another mean nothing to it" in refused.err
    assert not (tmp_path / "ws").exists()


def test_files_that_cannot_be_used(affectflow, weights, tmp_path):
    def refused(cnn, rnn, workspace="ws", *options):
        done = affectflow(
            "import-weights", "--cnn", cnn, "--rnn", rnn, "-w", tmp_path / workspace, *options
        )
        assert done.code == 1
        assert "Traceback" not in done.err
        assert not (tmp_path / workspace / "releases").exists()
        return done.err

    cnn, rnn = weights / "cnn.h5", weights / "rnn.h5"
    assert "absent.h5' cannot be read: No such file" in refused(tmp_path / "absent.h5", rnn)
    assert "was given as the CNN but looks like the RNN" in refused(rnn, cnn)
    assert "both would do" in refused(cnn, rnn, "ws", "--outputs", "valence")
    (tmp_path / "file").write_text("")
    assert "file cannot be written (Not a directory); choose an" in refused(cnn, rnn, "file")


def test_it_explains_itself(affectflow):
    shown = affectflow("import-weights", "--help")
    assert shown.code == 0
    for option in ("--cnn", "--rnn", "--workspace", "--outputs"):
        assert option in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100
