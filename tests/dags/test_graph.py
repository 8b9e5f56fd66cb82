"""Compiled pipelines become graphs, and whatever is wrong with one is said by name."""

from __future__ import annotations

import json

import pytest

from dags.graph import CompiledError, Node, Stage, compiled_files, incomplete_recipes, read_graph
from tests.dags.toy import node, parameter, read, rebuild, release, write


def test_a_graph_holds_what_was_compiled(tmp_path):
    graph = read(tmp_path, rebuild())
    assert graph.pipeline == "toy_rebuild"
    # Order and edges as conftest.rebuild writes them; a missing upstream_nodes is an empty one.
    assert [node.id for node in graph.nodes] == ["FramesSchema", "VideoExampleGen", "Transform"]
    assert graph.nodes[0].upstream == ()
    assert graph.nodes[2].upstream == ("FramesSchema", "VideoExampleGen")
    assert graph.stages[0] == Stage("ingest", ("VideoExampleGen", "FramesSchema"))
    assert (graph.produces.asset, graph.produces.node) == ("toy_balanced_frames", "Transform")
    assert graph.parameters[1].schema["enum"] == ["all", "max"]
    assert read(tmp_path, release()).started_by == "toy_balanced_frames"


def test_a_nodes_kind_is_the_last_segment_of_its_type():
    assert Node("a", "components.trainer.component.CnnTrainer", ()).kind == "CnnTrainer"
    assert Node("a", "Bare", ()).kind == "Bare"


@pytest.mark.parametrize("made", [False, True])
def test_a_missing_or_empty_folder_is_named_with_what_would_do(tmp_path, made):
    folder = tmp_path / "compiled"
    if made:
        folder.mkdir()
    with pytest.raises(CompiledError, match=rf"{folder}: .*; run 'affectflow compile'"):
        compiled_files(folder)


def test_files_come_in_the_order_of_their_names(tmp_path):
    write(tmp_path, release(), rebuild())
    assert [path.stem for path in compiled_files(tmp_path)] == ["toy_rebuild", "toy_release"]


def test_a_recipe_needs_both_pipelines(tmp_path):
    for content, missing in ((rebuild(), "release"), (release(), "rebuild")):
        [path] = write(tmp_path, content)
        [error] = incomplete_recipes({path: read_graph(path)})
        assert str(path) in str(error)
        assert f"its {missing} is not" in str(error)
        assert "affectflow compile" in str(error)
    both = write(tmp_path, rebuild(), release())
    assert incomplete_recipes({path: read_graph(path) for path in both}) == []


def test_a_release_is_started_by_what_its_rebuild_makes(tmp_path):
    paths = write(tmp_path, rebuild(), release(started_by="another"))
    [error] = incomplete_recipes({path: read_graph(path) for path in paths})
    assert "'another'" in str(error)
    assert "'toy_balanced_frames'" in str(error)


@pytest.mark.parametrize("text", ["", "{", "[1, 2", "\ud800"])
def test_what_is_not_json_is_refused(tmp_path, text):
    path = tmp_path / "toy_rebuild.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(CompiledError, match=rf"{path}: is not JSON"):
        read_graph(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(CompiledError, match=r"toy\.json: cannot be read"):
        read_graph(tmp_path / "toy.json")


@pytest.mark.parametrize("content", [[], "text", 3, None])
def test_json_of_another_shape_is_refused(tmp_path, content):
    path = tmp_path / "toy_rebuild.json"
    path.write_text(json.dumps(content))
    with pytest.raises(CompiledError, match=rf"{path}: .*affectflow compile"):
        read_graph(path)


TWO_NODES = {"nodes": [node("A", "x.A", "B"), node("B", "x.B", "A")]}
ONE_STAGE = [{"name": "all", "nodes": ["A", "B"]}]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": 1}, "has format 1, and this code reads 2"),
        ({"pipeline": "other_rebuild"}, "holds pipeline 'other_rebuild'"),
        ({"kind": "rebirth"}, "kind is 'rebirth', not rebuild or release"),
        ({"ir": {"nodes": []}}, "has no nodes"),
        ({"ir": {"nodes": [{}]}}, "lacks 'pipeline_node'"),
        ({"ir": {}}, "lacks 'nodes'"),
        ({"stages": [{"name": "ingest"}]}, "lacks 'nodes'"),
        ({"stages": 3}, "is not laid out as expected"),
        (
            {"stages": [{"name": "s", "nodes": ["Transfrom"]}]},
            r"stage 's' holds 'Transfrom', which is no node \(there is 'Transform'\)",
        ),
        (
            {"stages": [{"name": "s", "nodes": ["Transform", "FramesSchema"]}]},
            "nodes in no stage: VideoExampleGen",
        ),
        (
            {"stages": [{"name": name, "nodes": ["Transform"]} for name in "ab"]},
            "node 'Transform' is in stages 'a' and 'b'",
        ),
        ({"stages": [{"name": "Transform", "nodes": []}]}, "is named as a node is"),
        (
            {"ir": {"nodes": [node("A", "x.A", "Z")]}},
            "node 'A' comes after 'Z', which is no node",
        ),
        ({"ir": {"nodes": [node("A", "x.A")] * 2}}, "more than one node 'A'"),
        ({"ir": TWO_NODES, "stages": ONE_STAGE}, "has a cycle: (A -> B -> A|B -> A -> B)"),
        ({"produces": {"asset": "a", "node": "Gone"}}, "asset made by 'Gone', which is no node"),
        ({"parameters": [{"name": "x"}]}, "lacks 'schema'"),
        ({"parameters": [parameter("x", type="text")]}, "parameter 'x' has type 'text'"),
        (
            {"parameters": [{**parameter("x"), "schema": {"type": "string", "default": ""}}]},
            "parameter 'x' has no description",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(tmp_path, fields, message):
    path = tmp_path / "toy_rebuild.json"
    path.write_text(json.dumps(rebuild(**fields)))
    with pytest.raises(CompiledError, match=message) as caught:
        read_graph(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith("run 'affectflow compile'")


@pytest.mark.parametrize("key", sorted(rebuild()))
def test_a_missing_key_is_named(tmp_path, key):
    content = rebuild()
    del content[key]
    path = tmp_path / "toy_rebuild.json"
    path.write_text(json.dumps(content))
    with pytest.raises(CompiledError, match=f"lacks '{key}'"):
        read_graph(path)
