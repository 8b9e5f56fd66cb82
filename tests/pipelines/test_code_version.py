"""What belongs to a node's code. Expected values: the imports written into a small project here."""

from __future__ import annotations

import pytest

from pipelines.code_version import UnknownImport, closure_of, code_version

FILES = {
    "ours/__init__.py": "import json\ndef late():\n    import ours.unused\n",
    "ours/unused.py": "",
    "ours/node.py": """
from typing import TYPE_CHECKING
import numpy as np
from ours.tools import helper, deep
if TYPE_CHECKING:
    from ours.types import Kind
def run():
    from ours.inner import work
""",
    "ours/types.py": "Kind = int",
    "ours/tools/__init__.py": "from ours.tools.helper import help_",
    "ours/tools/helper.py": "help_ = 1",
    "ours/tools/deep.py": "import tensorflow.keras",
    "ours/tools/beside.py": "",
    "ours/tools/table.pbtxt": "a",
    "ours/inner.py": "import os\nfrom . import plugins",
    "ours/plugins/__init__.py": """
import pkgutil
from importlib import import_module
def load(name):
    return import_module(f"ours.plugins.{name}")
""",
    "ours/plugins/one.py": "import ours.leaf",
    "ours/leaf.py": "X = 1",
}
NODE = {
    "ours", "ours.node", "ours.tools", "ours.tools.helper", "ours.tools.deep", "ours.inner",
    "ours.plugins", "ours.plugins.one", "ours.leaf",
}  # fmt: skip


@pytest.fixture
def project(tmp_path):
    """project(**changes) -> a copy of the project, with other texts of some files"""
    made = iter(range(100))

    def make(changes=None):
        root = tmp_path / str(next(made))
        for name, text in {**FILES, **(changes or {})}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return root

    return make


def test_what_a_module_imports_belongs_to_it_wherever_it_says_so(project):
    found = closure_of(["ours.node"], project())
    # Within functions and by name, too; not for type checkers, and not what a package's own
    # functions would import when nobody calls them.
    assert found.modules == NODE
    assert found.foreign == {"numpy", "tensorflow"}
    assert [str(path) for path in found.files if path.suffix != ".py"] == ["ours/tools/table.pbtxt"]


def test_a_name_in_a_module_stands_for_the_module(project):
    root = project()
    assert closure_of(["ours.node.run"], root) == closure_of(["ours.node"], root)


def test_a_package_that_is_imported_itself_counts_whole(project):
    root = project({"ours/user.py": "from ours import late\nlate()"})
    assert "ours.unused" in closure_of(["ours.user"], root).modules


def version(project, changes=None):
    root = project(changes)
    return closure_of(["ours.node"], root).version(root)


def test_a_version_is_of_names_and_contents(project):
    before = version(project)
    assert len(before) == 16
    assert int(before, 16) < 16**16
    assert version(project) == before


@pytest.mark.parametrize(
    "changed", ["ours/leaf.py", "ours/inner.py", "ours/__init__.py", "ours/tools/table.pbtxt"]
)
def test_changed_code_and_data_are_another_version(project, changed):
    assert version(project, {changed: FILES[changed] + "\n"}) != version(project)


@pytest.mark.parametrize("changed", ["ours/unused.py", "ours/types.py", "ours/tools/beside.py"])
def test_what_does_not_run_does_not_count(project, changed):
    assert version(project, {changed: "X = 2"}) == version(project)


def test_a_plugin_more_is_another_version(project):
    assert version(project, {"ours/plugins/two.py": ""}) != version(project)


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ("import pkgutil, ours.plugins\npkgutil.iter_modules(ours.plugins.__path__)", True),
        ("from importlib import import_module\nimport_module('ours.plugins.one')", True),
        (
            "import importlib, ours.plugins\n"
            "importlib.import_module(f'{ours.plugins.__name__}.{x}')",
            True,
        ),
        ("import ours.tools", False),
    ],
)
def test_the_ways_of_loading_by_name(project, text, loaded):
    root = project({"ours/loader.py": text})
    assert ("ours.plugins.one" in closure_of(["ours.loader"], root).modules) is loaded


@pytest.mark.parametrize("call", ["import_module(name)", "import_module(f'{name}.x')"])
def test_a_name_that_cannot_be_told_is_an_error_with_its_place(project, call):
    root = project({"ours/loader.py": f"from importlib import import_module\n{call}"})
    with pytest.raises(UnknownImport, match=r"loader\.py:2: import_module\(.*cannot be told"):
        closure_of(["ours.loader"], root)


def test_a_module_that_is_not_there(project):
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'nobody\.at\.all'"):
        closure_of(["nobody.at.all"], project())


def test_of_this_project():
    version = code_version("components.predictor.executor.Executor")
    assert version == code_version("components.predictor.executor")
    modules = closure_of(["components.video_example_gen.executor"]).modules
    # Loaded by name, from a function of a package that is loaded by name.
    assert {"affectflow.faces.detectors.haar", "affectflow.corpora.fer2013"} <= modules
    assert "affectflow.predict.predictor" not in modules
    foreign = closure_of(["components.statistics_gen.executor"]).foreign
    assert "tensorflow_data_validation" in foreign
