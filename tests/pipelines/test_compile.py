"""The compiled pipelines that stand in dags/compiled, and how they are read."""

import json
import shutil

import pytest
from google.protobuf import json_format

from affectflow.errors import InputError
from affectflow.faces.settings import FaceSettings
from pipelines import compiled as module
from pipelines.bind import bind
from pipelines.compile import compile_all, compile_rebuild, compile_release
from pipelines.compiled import FOLDER, Compiled, load_compiled
from pipelines.recipe import all_recipes, load_recipe
from pipelines.run_record import Request, RunRecord
from pipelines.workspace import Workspace


@pytest.fixture(scope="module")
def fresh():
    return {compiled.pipeline: compiled for compiled in compile_all()}


def test_the_committed_form_is_up_to_date(fresh):
    assert {path.stem for path in FOLDER.glob("*.json")} == set(fresh)
    stale = [
        name for name in fresh if (FOLDER / f"{name}.json").read_text() != fresh[name].to_json()
    ]
    assert stale == [], "run 'affectflow compile'"


def test_each_recipe_has_both(fresh):
    names = {f"{recipe}_{kind}" for recipe in all_recipes() for kind in ("rebuild", "release")}
    assert set(fresh) == names
    for recipe in all_recipes():
        asset, node = fresh[f"{recipe}_rebuild"].produces
        assert node == "Transform"
        assert fresh[f"{recipe}_release"].started_by == asset


def test_a_release_looks_for_the_artifact_that_its_rebuild_gives(fresh):
    # An Importer takes an artifact of its URI with its properties, or makes a second one.
    for recipe in all_recipes():
        rebuild = fresh[f"{recipe}_rebuild"].ir.nodes
        nodes = {n.pipeline_node.node_info.id: n.pipeline_node for n in rebuild}
        told = nodes["Transform"].parameters.parameters["splits_config"]
        given = json.loads(told.field_value.string_value)["transform"]
        for node in fresh[f"{recipe}_release"].ir.nodes:
            outputs = node.pipeline_node.outputs.outputs
            if node.pipeline_node.node_info.id == "BalancedFrames":
                properties = outputs["result"].artifact_spec.additional_properties
                wanted = properties["split_names"].field_value.string_value
                assert json.loads(wanted) == given


def test_every_node_is_in_one_stage(fresh):
    for compiled in fresh.values():
        drawn = [node for _, nodes in compiled.stages for node in nodes]
        assert sorted(drawn) == sorted(compiled.nodes)


def test_nothing_of_a_machine_or_a_secret_is_in_it(fresh, monkeypatch):
    monkeypatch.setenv("AFFECTFLOW_METADATA", "postgresql://u@h/db")
    monkeypatch.setenv("AFFECTFLOW_METADATA_PASSWORD", "hunter2-secret")
    again = compile_rebuild(load_recipe("demo")).to_json()
    assert again == fresh["demo_rebuild"].to_json()
    for compiled in fresh.values():
        text = compiled.to_json()
        assert str(FOLDER.parents[1]) not in text
        assert "hunter2" not in text
        assert "metadata_connection_config" not in text


def test_json_and_back(fresh):
    for compiled in fresh.values():
        back = Compiled.from_json(compiled.to_json(), "text")
        assert back == compiled
        assert back.to_json() == compiled.to_json()


def test_an_unlabelled_corpus_ends_after_validation():
    compiled = compile_rebuild(load_recipe("demo"), labelled=False)
    assert set(compiled.nodes) == {
        "VideoExampleGen", "FramesSchema", "StatisticsGen", "ExampleValidator"
    }  # fmt: skip
    assert [name for name, _ in compiled.stages] == ["ingest", "validate"]
    assert compiled.produces is None


DATA = {
    "run_id": "demo_rebuild.r1", "frames": "/f", "balanced": "/b", "transformed": "/t",
    "graph": "/g", "counts": "/c", "rejects": "/r", "corpus_digest": "d", "digest": "e",
    "listing": {"seed": 3, "eval_fraction": 0.1},
    "faces": {"size": 100}, "sampler": {"subset": "mean"},
    "image": {"image_size": 64, "equalise": "histogram"},
}  # fmt: skip


def record_of(compiled, request, data=None):
    return RunRecord("demo.r1", compiled.pipeline, "v", request.as_json(), data, {"tfx": "1"})


def properties(ir, node):
    spec = next(n.pipeline_node for n in ir.nodes if n.pipeline_node.node_info.id == node)
    return {
        key: json_format.MessageToDict(value)["fieldValue"]
        for key, value in spec.parameters.parameters.items()
        if value.HasField("field_value")
    }


def test_a_run_fills_every_slot(tmp_path):
    recipe = load_recipe("affwild2")
    workspace = Workspace(tmp_path)
    rebuild, release = compile_rebuild(recipe), compile_release(recipe)
    for compiled, data in ((rebuild, None), (release, DATA)):
        request = Request(recipe, data="/corpus")
        bound = bind(compiled, request, record_of(compiled, request, data), workspace)
        assert "runtime_parameter" not in str(bound)
        assert "runtime_parameter" in str(compiled.ir)


def test_slots_get_the_requests_values(tmp_path):
    import dataclasses

    from affectflow.balance.sampler import SamplerSettings

    # Compiled of the recipe as it is, asked for with another subset.
    recipe = load_recipe("affwild2")
    compiled = compile_rebuild(recipe)
    changed = dataclasses.replace(recipe, sampler=SamplerSettings(subset="mean", seed=5))
    request = Request(changed, data="/corpus")
    bound = bind(compiled, request, record_of(compiled, request), Workspace(tmp_path))
    sampler = properties(bound, "DensitySampler")
    assert sampler["subset"] == {"stringValue": "mean"}
    assert sampler["seed"] == {"intValue": "5"}
    videos = properties(bound, "VideoExampleGen")
    assert videos["corpus_root"] == {"stringValue": "/corpus"}
    assert videos["store"] == {"stringValue": str(tmp_path / "faces")}


def test_what_is_released_is_told_of_its_data(tmp_path):
    compiled = compile_release(load_recipe("demo"))
    request = Request(load_recipe("demo"), fail_on_refusal=True)
    bound = bind(compiled, request, record_of(compiled, request, DATA), Workspace(tmp_path))
    pusher = properties(bound, "Pusher")
    assert pusher["fail_on_refusal"] == {"intValue": "1"}
    recipe = json.loads(pusher["recipe"]["stringValue"])
    # As the rebuild had them, not as the recipe would have it today.
    assert recipe["faces"] == {"size": 100}
    assert recipe["sampler"] == {"subset": "mean"}
    assert recipe["listing"] == {"seed": 3, "eval_fraction": 0.1}
    # Who judges epochs follows from the split, and not from the seed of a stage.
    for node in ("CnnTrainer", "RnnTrainer"):
        assert properties(bound, node)["split_seed"] == {"intValue": "3"}
    assert recipe["cnn"]["image_size"] == recipe["image"]["image_size"] == 64
    assert properties(bound, "CnnTrainer")["image_size"] == {"intValue": "64"}
    exporter = properties(bound, "Exporter")
    assert exporter["crop_size"] == {"intValue": "100"}
    assert json.loads(exporter["image"]["stringValue"]) == DATA["image"]
    lineage = json.loads(pusher["lineage"]["stringValue"])
    assert lineage["rebuild_run"] == "demo_rebuild.r1"
    assert lineage["manifest_digest"] == "d"
    assert properties(bound, "BalancedFrames")["artifact_uri"] == {"stringValue": "/t"}


def test_frames_that_do_not_say_how_they_were_cropped(tmp_path):
    compiled = compile_release(load_recipe("demo"))
    request = Request(load_recipe("demo"))
    record = record_of(compiled, request, DATA | {"faces": {}})
    bound = bind(compiled, request, record, Workspace(tmp_path))
    assert properties(bound, "Exporter")["crop_size"] == {"intValue": str(FaceSettings().size)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a compiled pipeline"),
        ("[1]", "is not a compiled pipeline"),
        ('{"format": 99}', "is of format 99; this version reads format 2"),
        ('{"format": 2}', "is damaged"),
    ],
)
def test_a_file_that_will_not_do(tmp_path, text, message):
    (tmp_path / "demo_rebuild.json").write_text(text)
    with pytest.raises(InputError, match=message) as raised:
        load_compiled("demo_rebuild", tmp_path)
    assert "demo_rebuild.json" in str(raised.value)
    assert "affectflow compile" in str(raised.value)


def test_damaged_ir(tmp_path):
    values = json.loads((FOLDER / "demo_rebuild.json").read_text())
    values["ir"]["nodes"] = "none"
    (tmp_path / "demo_rebuild.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match="is damaged"):
        load_compiled("demo_rebuild", tmp_path)


def test_a_pipeline_that_is_not_there(tmp_path):
    with pytest.raises(
        InputError, match="'nobody_rebuild' is not compiled; there is adfes_rebuild, adfes_"
    ):
        load_compiled("nobody_rebuild")
    with pytest.raises(InputError, match="there is none in"):
        load_compiled("demo_rebuild", tmp_path)
    # A name is looked for among the files, so it cannot lead out of the folder.
    with pytest.raises(InputError, match="is not compiled"):
        load_compiled("../compiled/demo_rebuild")


def test_the_command_writes_checks_and_removes(affectflow, tmp_path):
    out = tmp_path / "compiled"
    shutil.copytree(module.FOLDER, out)
    assert affectflow("compile", "--check", "--out", out).code == 0
    (out / "demo_rebuild.json").write_text("{}")
    (out / "gone_release.json").write_text("{}")
    checked = affectflow("compile", "--check", "--out", out)
    assert checked.code == 1
    assert "stale    demo_rebuild.json" in checked.out
    assert "left     gone_release.json" in checked.out
    written = affectflow("compile", "--out", out)
    assert written.code == 0
    assert "written  demo_rebuild.json" in written.out
    assert not (out / "gone_release.json").exists()
    assert affectflow("compile", "--out", out).last_line == "18 pipelines are up to date"
