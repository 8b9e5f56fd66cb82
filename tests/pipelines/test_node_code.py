"""Which nodes run again when a file changes. Expected values: what each node is there for."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.code_version import ROOT
from pipelines.compile import compile_rebuild, compile_release
from pipelines.node_code import (
    code_of,
    compiled_libraries,
    compiled_versions,
    executor_class,
    run_version,
)
from pipelines.recipe import all_recipes, load_recipe
from pipelines.versions import libraries_of, versions_of

PACKAGES = ("affectflow", "components", "pipelines", "schemas")


@pytest.fixture(scope="module")
def irs():
    """IR of a rebuild and of both shapes of a release; afew's hears, too."""
    affwild2, afew = load_recipe("affwild2"), load_recipe("afew")
    return [compile_rebuild(afew).ir, compile_release(affwild2).ir, compile_release(afew).ir]


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """copied() -> a copy of the project's code, to be changed"""

    def copy() -> Path:
        root = tmp_path_factory.mktemp("project")
        for name in PACKAGES:
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        return root

    return copy


def versions(irs, root) -> dict[str, str]:
    return {
        node.pipeline_node.node_info.id: code.version(root)
        for ir in irs
        for node in ir.nodes
        if (code := code_of(ir, node.pipeline_node.node_info.id, root))
    }


@pytest.fixture(scope="module")
def before(irs, copied):
    return versions(irs, copied())


def test_a_copy_of_the_code_has_the_versions_that_were_compiled(irs, before):
    compiled = {name: version for ir in irs for name, version in compiled_versions(ir).items()}
    assert compiled == before
    assert {"VideoExampleGen", "Transform", "ExampleValidator", "Pusher", "Evaluator"} < set(before)
    assert all(len(version) == 16 for version in before.values())


@pytest.mark.parametrize("recipe", all_recipes())
def test_every_library_that_a_node_imports_has_a_version(recipe):
    # A library without one could change unseen; dlib's distribution is called dlib-bin.
    recipe = load_recipe(recipe)
    for ir in (compile_rebuild(recipe).ir, compile_release(recipe).ir):
        for node in ir.nodes:
            code = code_of(ir, node.pipeline_node.node_info.id)
            for name in code.foreign if code else ():
                spec = importlib.util.find_spec(name)
                # A namespace is shared by distributions that have modules of their own.
                if spec is not None and spec.origin is not None:
                    known = libraries_of(replace(code, modules=(), foreign={name}))
                    assert known, f"{node.pipeline_node.node_info.id} imports {name}"
                    assert versions_of(known)


# A node that must see the change, by (file): and one that has nothing to do with it.
CHANGES = {
    # Points of the plane: the labels of the posed corpora, and the emotion that is nearest.
    "affectflow/emotions.py": (
        {"VideoExampleGen", "Predictor", "BaselinePredictor", "Evaluator"},
        {"CnnTrainer", "Exporter", "FramesSchema"},
    ),
    # Loaded by name.
    "affectflow/corpora/fer2013.py": ({"VideoExampleGen"}, {"Evaluator", "Pusher", "RnnTrainer"}),
    "affectflow/faces/detectors/haar.py": ({"VideoExampleGen"}, {"DensitySampler", "Transform"}),
    "components/transform/preprocessing.py": ({"Transform"}, {"VideoExampleGen", "Evaluator"}),
    "affectflow/balance/grid.py": ({"DensitySampler"}, {"VideoExampleGen", "CnnTrainer"}),
    "affectflow/audio/pitch.py": ({"AudioExtractor"}, {"VideoExampleGen", "ClassPredictor"}),
    "affectflow/metrics/ccc.py": ({"Evaluator"}, {"VideoExampleGen", "Transform"}),
}


@pytest.mark.parametrize("changed", CHANGES)
def test_who_runs_again(changed, irs, copied, before):
    root = copied()
    with open(root / changed, "a", encoding="utf-8") as file:
        file.write("\n# another word\n")
    after = versions(irs, root)
    again = {node for node in before if after[node] != before[node]}
    runs, rests = CHANGES[changed]
    assert runs <= again
    assert not rests & again


@pytest.mark.parametrize(
    "changed",
    ["pipelines/review/page/style.py", "pipelines/cli/console.py", "affectflow/figures/palette.py",
     "affectflow/synth/face.py", "components/trainer/component.py"],
)  # fmt: skip
def test_what_no_node_runs_leaves_every_run_valid(changed, irs, copied, before):
    root = copied()
    (root / changed).write_text("# nothing left\n")
    assert versions(irs, root) == before


def test_a_run_s_version_is_made_of_its_nodes(irs):
    release = irs[1]
    assert len({run_version(ir) for ir in irs}) == 3
    before = run_version(release)
    changed = type(release)()
    changed.CopyFrom(release)
    node = next(n for n in changed.nodes if n.pipeline_node.node_info.id == "Pusher")
    node.pipeline_node.parameters.parameters["code_version"].field_value.string_value = "0" * 16
    assert run_version(changed) != before


def test_every_node_names_the_libraries_that_compute(irs):
    rebuild, release, classes = irs
    assert {"mediapipe", "opencv-contrib-python", "ffmpeg", "tensorflow-transform", "librosa",
            "tensorflow-data-validation", "numpy"} <= set(compiled_libraries(rebuild))  # fmt: skip
    assert {"tensorflow", "keras", "tensorflow-model-analysis"} <= set(compiled_libraries(release))
    assert not {"mediapipe", "ffmpeg"} & set(compiled_libraries(release))
    assert "scikit-learn" in compiled_libraries(classes)


def test_an_importer_runs_no_code(irs):
    assert executor_class(irs[1], "Frames") is None
    assert code_of(irs[1], "Frames") is None
    assert executor_class(irs[1], "Pusher") == "components.pusher.executor.Executor"
