"""The release that training starts from: how it is named, found, recorded and told."""

import dataclasses
import json
import shutil

import pytest
from google.protobuf import json_format

from affectflow.errors import InputError
from affectflow.release import publish
from affectflow.release.tree import tree_digest
from pipelines.bind import bind
from pipelines.compile import compile_release
from pipelines.recipe import load_recipe, override
from pipelines.run_record import Request, begin_run
from pipelines.start_release import choose_start
from pipelines.workspace import Workspace

RECIPE = load_recipe("demo")
DATA = {
    "run_id": "demo_rebuild.r1", "frames": "/f", "balanced": "/b", "transformed": "/t",
    "graph": "/g", "counts": "/c", "rejects": "/r", "corpus_digest": "d", "digest": "e",
    "listing": {"seed": 3}, "faces": {}, "sampler": {},
    "image": {"image_size": 96, "equalise": "none"},
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "ws")


@pytest.fixture
def release(tmp_path, workspace):
    """release(run_id, without="", releases=None, **publish) -> a release of RECIPE's networks"""

    def make(run_id, without="", releases=None, weights=b"w" * 10, **options):
        sources = {name: tmp_path / "sources" / run_id / name for name in ("serving", "cnn", "rnn")}
        for name, folder in sources.items():
            folder.mkdir(parents=True)
            if name == "serving":
                (folder / "saved_model.pb").write_bytes(b"served")
                continue
            (folder / "model.keras").write_bytes(name.encode() + weights)
            settings = dataclasses.asdict(getattr(RECIPE, name))
            (folder / "settings.json").write_text(json.dumps(settings))
        sources.pop(without, None)
        return publish(releases or workspace.releases, sources, {}, {}, {}, run_id, **options)

    return make


def chosen(workspace, name, *settings):
    return choose_start(workspace, Request(override(RECIPE, settings), start_from=str(name)))


def test_nothing_said_means_new_weights(workspace, release):
    release("r1")
    assert chosen(workspace, "") is None


@pytest.mark.parametrize("name", ["2", "0002", "02"])
def test_a_number_is_a_release_of_the_workspace(workspace, release, name):
    release("r1")
    folder = release("r2")
    found = chosen(workspace, name)
    assert found["release"] == str(folder) == str(workspace.releases / "0002")
    assert (found["number"], found["origin"]) == (2, "trained")
    assert found["cnn"]["folder"] == str(folder / "model/cnn")
    assert found["rnn"] == {
        "folder": str(folder / "model/rnn"), "digest": tree_digest(folder / "model/rnn")
    }  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_a_folder_is_a_release_from_anywhere(workspace, release, tmp_path, monkeypatch):
    folder = release("r1", releases=tmp_path / "elsewhere", origin="imported")
    for named in (folder, "elsewhere/0001", "./elsewhere/../elsewhere/0001/"):
        monkeypatch.chdir(tmp_path)
        found = chosen(workspace, named)
        assert found["release"] == str(folder)
        assert (found["number"], found["origin"]) == (1, "imported")


def test_the_same_place_with_other_weights_is_another_start(workspace, release):
    release("r1")
    first = chosen(workspace, 1)
    shutil.rmtree(workspace.releases)
    release("r2", weights=b"other")
    second = chosen(workspace, 1)
    assert first["release"] == second["release"]
    assert first["digest"] != second["digest"]
    for stage in ("cnn", "rnn"):
        assert first[stage]["folder"] == second[stage]["folder"]
        assert first[stage]["digest"] != second[stage]["digest"]


def test_a_release_that_is_not_there(workspace, release, tmp_path):
    with pytest.raises(
        InputError,
        match=r"start_from is '1': .*/0001' is not a release.*/releases holds no release",
    ):
        chosen(workspace, 1)
    release("r1")
    release("r2")
    for name in ("7", "0", "9" * 12, tmp_path / "none", "x\0y"):
        with pytest.raises(InputError, match=r"is not a release.*/releases holds 0001, 0002\)"):
            chosen(workspace, name)


def test_a_damaged_release(workspace, release):
    # Too large for what is digested whenever a release is read.
    folder = release("r1", weights=bytes(3 << 20))
    weights = folder / "model/rnn/model.keras"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=r"is damaged: model/rnn/model.keras has other content"):
        chosen(workspace, 1)
    weights.unlink()
    with pytest.raises(InputError, match=r"is incomplete: model/rnn/model.keras is missing"):
        chosen(workspace, 1)


@pytest.mark.parametrize("stage", ["cnn", "rnn"])
def test_a_release_without_a_stage(workspace, release, stage):
    release("r1", without=stage)
    with pytest.raises(InputError, match=rf"holds \w+, serving but no model '{stage}'"):
        chosen(workspace, 1)


def test_other_networks_are_refused_before_anything_trains(workspace, release):
    release("r1")
    with pytest.raises(
        InputError,
        match=r"is of other networks: rnn.cell is 'gru3' there and 'gru1' here; the same settings",
    ):
        chosen(workspace, 1, "rnn.cell=gru1")
    with pytest.raises(InputError, match=r"cnn.outputs is 'both' there and 'valence' here"):
        chosen(workspace, 1, "outputs=valence")
    # Not what steers training, nor sizes that weights do not depend on.
    assert chosen(workspace, 1, "seed=3", "rnn.window=7", "cnn.loss=mse", "image_size=64")


def test_settings_of_another_version(workspace, release, tmp_path):
    shutil.copytree(release("r1"), tmp_path / "copy")
    models = {name: tmp_path / "copy/model" / name for name in ("serving", "cnn", "rnn")}
    (models["cnn"] / "settings.json").write_text('{"colour": 1}')
    publish(workspace.releases, models, {}, {}, {}, "r2")
    with pytest.raises(InputError, match=r"cnn/settings.json holds no CnnSettings that this ver"):
        chosen(workspace, 2)


@pytest.fixture(scope="module")
def compiled():
    return compile_release(RECIPE)


@pytest.fixture
def begin(workspace, compiled):
    """begin(start_from) -> the record of run r1, and its pipeline"""

    def run(start_from):
        request = Request(RECIPE, start_from=start_from)
        record = begin_run(
            workspace, compiled, "demo_release.r1", request, lambda: DATA,
            lambda: choose_start(workspace, request),
        )  # fmt: skip
        return record, bind(compiled, request, record, workspace)

    return run


def told(ir, node):
    spec = next(n.pipeline_node for n in ir.nodes if n.pipeline_node.node_info.id == node)
    return {
        key: json_format.MessageToDict(value.field_value).get("stringValue")
        for key, value in spec.parameters.parameters.items()
    }


def test_it_is_settled_once_and_told_to_trainers_and_lineage(begin, release, workspace):
    folder = release("r1")
    first, ir = begin("1")
    assert json.loads((workspace.run("demo_release.r1") / "run.json").read_text())["start"] == (
        first.start
    )
    for node, stage in (("CnnTrainer", "cnn"), ("RnnTrainer", "rnn")):
        assert told(ir, node)["start_from"] == str(folder / "model" / stage)
        assert told(ir, node)["start_digest"] == first.start[stage]["digest"]
    lineage = json.loads(told(ir, "Pusher")["lineage"])
    assert lineage["started_from"] == {
        "release": str(folder), "number": 1, "origin": "trained", "digest": first.start["digest"]
    }  # fmt: skip
    # Whatever became of the release: the run that began with it is told the same.
    shutil.rmtree(folder)
    again, _ = begin("1")
    assert again == first
    with pytest.raises(InputError, match=r"began with other parameters \(start_from\)"):
        begin("")


def test_new_weights_are_told_as_such(begin):
    record, ir = begin("")
    assert record.start is None
    for node in ("CnnTrainer", "RnnTrainer"):
        assert (told(ir, node)["start_from"], told(ir, node)["start_digest"]) == ("", "")
    assert json.loads(told(ir, "Pusher")["lineage"])["started_from"] is None
